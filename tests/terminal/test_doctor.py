"""The doctor: every need is named, with what to do where it is not met."""

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import provider_double
from trailerflow import bootstrap, cli
from trailerflow.errors import Misconfigured, TrailerflowError
from trailerflow.settings import Settings
from trailerflow.terminal import doctor, needs

NEEDS = {
    "python", "settings", "redis", "data", "database", "storage", "disk", "port", "service", "provider",
    "fonts", "drawing", "encoder", "voice",
}  # fmt: skip

Told = Callable[..., None]
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Give a function that sets settings, beside a data folder and a port that are good."""

    def tell(**settings: str) -> None:
        for name, value in {"data": str(tmp_path), "port": "0", **settings}.items():
            monkeypatch.setenv(f"TRAILERFLOW_{name.upper()}", value)

    return tell


def found(printed: Printed) -> dict[str, doctor.Finding]:
    """Return what the doctor says to a program, by subject."""
    findings = [doctor.Finding(**json.loads(line)) for line in printed.readouterr().out.splitlines()]
    return {finding.subject: finding for finding in findings}


def test_a_good_machine_is_found_good_and_left_as_it_was(told: Told, tmp_path: Path, capsys: Printed) -> None:
    told()
    assert cli.run(["doctor", "--json"]) == 0
    findings = found(capsys)
    assert set(findings) == NEEDS
    assert all(finding.good for finding in findings.values())
    assert not list(tmp_path.iterdir())


def test_everything_that_is_missing_is_named_with_its_remedy(told: Told, capsys: Printed) -> None:
    told(
        data="/proc/nowhere",
        redis_url="redis://:secret@127.0.0.1:1",
        database_url="postgresql://me:secret@127.0.0.1:1/film",
        provider_url="http://127.0.0.1:1",
        provider_key="secret",
        url="http://127.0.0.1:1",
    )
    assert cli.run(["doctor", "--json"]) == 1
    findings = found(capsys)
    wrong = {subject for subject, finding in findings.items() if not finding.good}
    assert wrong >= {"redis", "data", "database", "storage", "provider", "service"}
    assert all(findings[subject].remedy for subject in wrong)
    assert "secret" not in str(findings)


def test_a_person_reads_the_remedy_below_what_is_wrong(told: Told, capsys: Printed) -> None:
    told(data="/proc/nowhere", frame_hight="720")
    assert cli.run(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("NO  settings"))
    assert "TRAILERFLOW_FRAME_HIGHT" in lines[at]
    assert lines[at + 1].strip().startswith("→ known are")


@pytest.mark.parametrize("content", ["of this program", "of another", "nothing"])
def test_a_database_is_read_and_not_written(content: str, tmp_path: Path, told: Told) -> None:
    told()
    file = tmp_path / "trailerflow.db"
    if content == "of this program":
        bootstrap.migrate(Settings.load())
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        if content == "of another":
            connection.execute("CREATE TABLE alembic_version (version_num)")
            connection.execute("INSERT INTO alembic_version VALUES ('0')")
    before = file.read_bytes()
    look = needs.database
    if content == "of another":
        with pytest.raises(Misconfigured, match="not known here"):
            look(Settings.load())
    else:
        words = {"of this program": "schema up to date", "nothing": "the schema will be made"}
        assert words[content] in look(Settings.load())
    assert file.read_bytes() == before


def test_a_provider_is_asked_whether_it_takes_the_key_and_gets_no_order(told: Told) -> None:
    with provider_double.running() as double:
        told(provider_url=double.url, provider_key=double.key)
        assert needs.provider(Settings.load()).endswith("answers")
        told(provider_url=double.url, provider_key="another")
        with pytest.raises(TrailerflowError) as refused:
            needs.provider(Settings.load())
        assert "TRAILERFLOW_PROVIDER_KEY" in refused.value.remedy
        assert double.report()["submissions"] == {}
