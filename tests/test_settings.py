"""The settings: read from the environment, wrong ones named, all of them in the README."""

from pathlib import Path

import pytest

from trailerflow.errors import Misconfigured
from trailerflow.settings import PREFIX, Settings

README = Path(__file__).parents[1] / "README.md"
UNITS = (
    "seconds",
    "pixels",
    "runs",
    "port",
    "address",
    "URL",
    "folder",
    "file://",
    "sqlite://",
    "http://",
    "Redis",
    "key",
    "model",
    "panel",
    "jobs",
    "USD",
    "lookup_by_key",
    "LUFS",
)


def row_of(name: str) -> str:
    """Return the README's table row on a setting."""
    rows = [line for line in README.read_text().splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert rows, f"the README does not list {name}"
    return rows[0]


@pytest.mark.parametrize("field", Settings.model_fields)
def test_the_readme_lists_every_setting_with_its_default_and_unit(field: str) -> None:
    row = row_of(PREFIX + field.upper())
    default = Settings.model_fields[field].default
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    assert shown in row or (shown == "" and "empty" in row)
    assert any(unit in row for unit in UNITS)


def test_the_readme_lists_no_setting_that_there_is_not() -> None:
    named = {word.strip("`|,.:;() ") for word in README.read_text().split() if PREFIX in word}
    settings = {word.split("=")[0] for word in named if word.startswith(PREFIX)}
    assert settings - {PREFIX + field.upper() for field in Settings.model_fields} <= {f"{PREFIX}*", PREFIX}


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_says_what_it_is(field: str) -> None:
    assert Settings.model_fields[field].description


def test_a_misspelt_setting_is_named_with_those_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAILERFLOW_LEASE_SECOND", "3")
    with pytest.raises(Misconfigured, match="TRAILERFLOW_LEASE_SECOND") as refused:
        Settings.load()
    assert "TRAILERFLOW_LEASE_SECONDS" in refused.value.remedy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "70000"),
        ("PORT", "http"),
        ("LEASE_SECONDS", "0"),
        ("FRAME_HEIGHT", "9"),
        ("MAX_RUNS", "0"),
        ("STORAGE_URL", "s3://bucket"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(Misconfigured, match=PREFIX + name):
        Settings.load()


def test_the_defaults_lie_in_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.load()
    assert settings.data == tmp_path / ".data"
    assert settings.database.endswith(f"{tmp_path}/.data/trailerflow.db")
    assert settings.storage == tmp_path / ".data" / "files"


def test_a_client_finds_the_service_by_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load().service == "http://127.0.0.1:8000"
    monkeypatch.setenv("TRAILERFLOW_PORT", "8123")
    assert Settings.load().service == "http://127.0.0.1:8123"
    monkeypatch.setenv("TRAILERFLOW_URL", "http://127.0.0.1:9000/")
    assert Settings.load().service == "http://127.0.0.1:9000"
