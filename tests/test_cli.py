"""The command line: exit codes, the delivery pack, what is printed; against a stand-in of the service."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from patience import block_until
from stand_in import COMPLETED, FAILED, STORY, StandIn
from terminal.house import House
from trailerflow import cli
from trailerflow.web.router import CALLS

CANCELLED = [*STORY, {"type": "run.cancelling", "progress": 57}, {"type": "run.cancelled", "progress": 57}]
SCRIPT = "INT. ROOM - DAY\n\nA clock ticks.\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.fountain"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def to(monkeypatch: pytest.MonkeyPatch) -> "Way":
    return Way(monkeypatch)


class Way:
    """Points the command line at a stand-in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, service: StandIn, *arguments: str | Path) -> int:
        self._monkeypatch.setenv("TRAILERFLOW_URL", service.url)
        return cli.run([str(argument) for argument in arguments])


def test_make_leaves_every_artifact_in_the_folder(
    to: Way, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "new" / "pack"
    with House(story=COMPLETED).running() as service:
        code = to(service, "make", script, "-o", output, "--seconds", "15", "--seed", "4", "--spoilers")
    assert code == 0
    assert service.hand == {"spoilers": True}
    assert {path.name: path.read_bytes() for path in output.iterdir()} == service.files
    assert service.uploaded == SCRIPT.encode()
    assert service.started == {"workflow_type": "full_pipeline", "seconds": 15, "seed": 4}
    said = capsys.readouterr().out.splitlines()
    assert " 57%  image/s001-1 finished" in said
    assert said[-1] == "completed"


def test_make_of_a_run_that_fails_leaves_nothing_and_says_why(
    to: Way, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with House(story=FAILED, ending="failed").running() as service:
        assert to(service, "make", script, "-o", tmp_path / "pack") == 1
    assert not (tmp_path / "pack").exists()
    said = capsys.readouterr().err
    assert "failed at trailer_to_storyboard/image/s001-1: the brush broke" in said
    assert "`trailerflow retry 3`" in said
    assert "`trailerflow skip 3 image/s001-1`" in said


def test_a_run_that_is_cancelled_meanwhile_leaves_nothing_and_is_no_success(
    to: Way, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with House(story=CANCELLED, ending="cancelled").running() as service:
        assert to(service, "make", script, "-o", tmp_path / "pack") == 5
        assert to(service, "watch", "3") == 5
    assert not (tmp_path / "pack").exists()
    assert capsys.readouterr().err.splitlines() == ["cancelled: what is finished is kept"] * 2


def test_make_says_what_is_to_happen_when_something_fails(to: Way, script: Path, tmp_path: Path) -> None:
    with House(story=COMPLETED).running() as service:
        code = to(service, "make", script, "-o", tmp_path / "pack", "--on-error", "skip_and_continue")
    assert code == 0
    assert service.started["on_error"] == "skip_and_continue"


def test_make_leaves_an_older_pack_alone_when_an_artifact_does_not_arrive(
    to: Way, script: Path, tmp_path: Path
) -> None:
    (tmp_path / "trailer.mp4").write_text("the old one")
    with House(story=COMPLETED).running() as service:
        service.lies = {"image-s001-1-t1.png"}
        assert to(service, "make", script, "-o", tmp_path) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["script.fountain", "trailer.mp4"]
    assert (tmp_path / "trailer.mp4").read_text() == "the old one"


def test_an_artifact_named_like_a_way_out_of_the_folder_is_refused(to: Way, script: Path, tmp_path: Path) -> None:
    with House(story=COMPLETED).running() as service:
        service.files = {"../escaped": b""}
        assert to(service, "make", script, "-o", tmp_path / "pack") == 1
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["make", "no such file", "-o", "x"],
        ["make"],
        ["status", "three"],
        ["skip", "3"],
        ["nonsense"],
        ["up", "--host", "192.0.2.1"],
        ["up", "--port", "70000"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(arguments) == 2


@pytest.mark.parametrize(
    "wish",
    [["--seconds", "7"], ["--seconds", "151"], ["--aspect", "4:3"], ["--seed", "-1"], ["--on-error", "despair"]],
)
def test_a_wish_that_cannot_be_is_2_before_it_is_sent(to: Way, script: Path, tmp_path: Path, wish: list[str]) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "make", script, "-o", tmp_path / "pack", *wish) == 2
    assert service.uploaded == b""


def test_the_help_shows_every_verb_of_the_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    shown = set(re.findall(r"│ (\w+) ", capsys.readouterr().out))
    verbs = {path.rpartition("/")[2] for path in (call.path for call in CALLS) if path.startswith("/api/workflow/")}
    assert verbs - {"start", "events"} <= shown
    assert {"pause", "resume", "cancel", "retry", "skip"} <= verbs


def test_a_misspelt_setting_is_2_and_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TRAILERFLOW_PROT", "8001")
    assert cli.run(["status", "3"]) == 2
    assert "TRAILERFLOW_PROT" in capsys.readouterr().err


def test_an_output_that_is_a_file_is_2_before_anything_is_sent(to: Way, script: Path) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "make", script, "-o", script / "below") == 2
    assert service.uploaded == b""


def test_a_script_that_is_none_is_2(to: Way, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "noise.pdf").write_bytes(b"\0\1")
    with House(story=COMPLETED).running() as service:
        assert to(service, "make", tmp_path / "noise.pdf", "-o", tmp_path) == 2
    assert "save it as text" in capsys.readouterr().err


def test_no_service_is_3_and_says_how_to_start_one(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAILERFLOW_URL", "http://127.0.0.1:1")
    assert cli.run(["make", str(script), "-o", str(tmp_path / "pack")]) == 3
    assert "trailerflow up" in capsys.readouterr().err


def test_a_refused_verb_is_4_and_says_what_would_work(to: Way, capsys: pytest.CaptureFixture[str]) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "resume", "3") == 4
        assert to(service, "status", "4") == 4
        assert to(service, "watch", "2") == 4
    said = capsys.readouterr().err
    assert "resume works on a paused run" in said
    assert "`trailerflow status` lists the projects" in said
    assert "project 2 has no run yet" in said


def test_one_status_is_told_in_full_several_a_line_each_none_named_means_all(
    to: Way, capsys: pytest.CaptureFixture[str]
) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "status", "3") == 0
        assert "pictures   2/2" in capsys.readouterr().out.splitlines()
        assert to(service, "status", "3", "4", "3", "2") == 4
        third, second = capsys.readouterr().out.splitlines()
        assert third == "project 3: completed, Storyboard to movie, 100%, pictures 2/2, clips 2/2"
        assert second.startswith("project 2: idle, 0%")
        assert to(service, "status") == 0
        assert capsys.readouterr().out.splitlines() == [
            "project 3, A Film: completed, 100%", "project 2,  [2J\N{BELL}: the Café: idle, 0%",
        ]  # fmt: skip


def test_json_is_one_object_a_line_as_the_api_gives_it(to: Way, capsys: pytest.CaptureFixture[str]) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "status", "3", "2", "--json") == 0
        assert to(service, "pause", "3", "--json") == 0
        assert to(service, "status", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["project_id"] for line in lines[:3]] == [3, 2, 3]
    assert lines[0] == lines[2] == service.status()
    assert [(line["id"], line["title"]) for line in lines[3:]] == [(3, "A Film"), (2, "\x1b[2J\N{BELL}: the Café")]


def test_make_tells_a_program_everything_it_does(
    to: Way, script: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "make", script, "-o", tmp_path / "pack", "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [line["event"] for line in lines]
    assert names == ["project", "snapshot", *["event"] * (len(COMPLETED) - 1), "files", "end"]
    assert sorted(lines[-2]["data"]["names"]) == sorted(service.files)
    assert lines[-1]["data"]["status"] == "completed"


def test_watch_leaves_the_files_where_they_are_wanted(to: Way, tmp_path: Path) -> None:
    with House(story=COMPLETED).running() as service:
        assert to(service, "watch", "3", "-o", tmp_path / "pack") == 0
        assert to(service, "watch", "3", "2", "-o", tmp_path / "other") == 2
    assert {path.name for path in (tmp_path / "pack").iterdir()} == set(service.files)


def test_verbs_reach_the_service(to: Way, capsys: pytest.CaptureFixture[str]) -> None:
    with House(story=COMPLETED).running() as service:
        for verb in ("pause", "cancel", "retry"):
            assert to(service, verb, "3") == 0
        assert to(service, "skip", "3", "clip/s001-1") == 0
        assert to(service, "resume", "4", "3") == 4
    acts = [("pause", {}), ("cancel", {}), ("retry", {}), ("skip", {"step": "clip/s001-1"})]
    assert service.acts == [*acts, ("resume", {}), ("resume", {})]
    assert "it acts when the run goes on" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://[", "nonsense://here", "http://127.0.0.1:1"])
def test_an_address_that_cannot_be_is_said_without_a_traceback(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAILERFLOW_URL", url)
    assert cli.run(["status"]) in {2, 3}
    assert "TRAILERFLOW_URL" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_detaches_with_130_and_harms_no_run(script: Path, tmp_path: Path, number: signal.Signals) -> None:
    with House(story=STORY).running() as service:
        command = [sys.executable, "-m", "trailerflow.cli", "make", str(script), "-o", str(tmp_path / "pack")]
        said = tmp_path / "said"
        with said.open("wb") as file:
            process = subprocess.Popen(command, env={"TRAILERFLOW_URL": service.url}, stdout=file, stderr=file)
        block_until(lambda: "image/s001-1 finished" in said.read_text())
        process.send_signal(number)
        assert process.wait(10) == 130
    assert f"trailerflow watch 3 -o {tmp_path / 'pack'}" in said.read_text()
    assert "Traceback" not in said.read_text()
    assert service.acts == []


def test_help_is_quick_because_it_loads_nothing_heavy() -> None:
    heavy = ["cv2", "av", "numpy", "onnxruntime", "resvg_py", "hibari", "sqlalchemy", "trailerflow.bootstrap"]
    program = f"""
import sys
from trailerflow import cli
assert cli.run(["--help"]) == 0
loaded = [name for name in {heavy} if name in sys.modules]
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
