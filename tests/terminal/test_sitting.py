"""A sitting before a run: on a real terminal, on a pipe whose reader leaves, before the real service."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import IO

import pytest

from patience import block_until
from stand_in import COMPLETED, STORY, StandIn
from terminal.house import House
from trailerflow import cli
from trailerflow.terminal.private_service import PrivateService

PROGRAM = [sys.executable, "-m", "trailerflow.cli"]
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SCRIPT = "INT. ROOM - DAY\n\nA clock ticks.\n"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.fountain"
    path.write_text(SCRIPT)
    return path


class Terminal:
    """A pseudo-terminal with a program on it."""

    def __init__(self, columns: int, command: list[str], environment: dict[str, str]) -> None:
        self._ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        takes = [sys.executable, "-c", TAKE_TERMINAL, *command]  # so that Ctrl-C reaches it
        self._process = subprocess.Popen(
            takes, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
        )
        os.close(its)
        os.set_blocking(self._ours, False)
        self._said = b""

    def text(self) -> str:
        """Return what has been drawn so far, without colours and movements."""
        with contextlib.suppress(OSError):  # nothing more for now, or for ever
            while part := os.read(self._ours, 1 << 16):
                self._said += part
        return SEQUENCE.sub("", self._said.decode())

    def press(self, key: bytes) -> None:
        os.write(self._ours, key)

    def end(self) -> int:
        """Wait for the program's end; return its exit code."""
        block_until(lambda: (self.text(), self._process.poll())[1] is not None, 15)
        self.text()
        os.close(self._ours)
        return int(self._process.returncode)


def run(service: StandIn, *arguments: str, stdout: int | IO[bytes], **environment: str) -> tuple[int, str]:
    """Run the program; return its exit code and what it says on standard error."""
    told = {"TRAILERFLOW_URL": service.url, **environment}
    ended = subprocess.run(
        [*PROGRAM, *arguments], check=False, env=told, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=30
    )
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(("columns", "environment"), [(100, {}), (40, {"NO_COLOR": "1", "LC_ALL": "C"})])
def test_bars_fit_the_terminal_and_ctrl_c_leaves_with_a_way_back(
    columns: int, environment: dict[str, str], script: Path, tmp_path: Path
) -> None:
    with House(story=STORY, ending="running").running() as service:
        told = {"TRAILERFLOW_URL": service.url, "TERM": "xterm-256color", **environment}
        terminal = Terminal(columns, [*PROGRAM, "make", str(script), "-o", str(tmp_path / "pack")], told)
        block_until(lambda: re.search(r"clips .* 2/2", terminal.text()))
        terminal.press(b"\x03")
        assert terminal.end() == 130
    assert service.acts == []
    lines = re.split(r"[\r\n]+", terminal.text())
    assert max(len(line) for line in lines if "━" in line) <= columns
    assert "trailerflow watch 3" in "".join(lines)


def test_a_service_that_goes_and_comes_back_is_remarked_and_nothing_is_missed(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    with House(story=COMPLETED, cuts=[3, 0, 0, 0]).running() as service:
        monkeypatch.setenv("TRAILERFLOW_URL", service.url)
        assert cli.run(["make", str(script), "-o", str(tmp_path / "pack"), "--json"]) == 0
    said = capsys.readouterr()
    ids = [line["id"] for line in map(json.loads, said.out.splitlines()) if line["event"] == "event"]
    assert ids == list(range(2, len(COMPLETED) + 1))
    away, back = said.err.splitlines()
    assert away.endswith("asking again for 60 s")
    assert back == "the service answers again"


def test_a_reader_who_goes_away_is_a_viewer_who_leaves() -> None:
    with House(story=COMPLETED, ending="running").running() as service:
        nobody, ours = os.pipe()
        os.close(nobody)
        try:
            code, said = run(service, "watch", "3", stdout=ours)
        finally:
            os.close(ours)
    assert code == 130
    assert said == "detached: the run goes on; `trailerflow watch 3` shows it again\n"
    assert service.acts == []


def test_a_disk_that_is_full_is_said_in_words() -> None:
    with House(story=COMPLETED).running() as service, Path("/dev/full").open("wb") as full:
        code, said = run(service, "status", "3", stdout=full)
    assert code == 1
    assert said.startswith("trailerflow: ")


def test_letters_that_the_terminal_has_not_stop_nobody(tmp_path: Path) -> None:
    with House(story=COMPLETED).running() as service, (tmp_path / "said").open("wb") as file:
        assert run(service, "status", stdout=file, PYTHONIOENCODING="ascii") == (0, "")
    assert "the Caf?: idle" in (tmp_path / "said").read_text()


@pytest.mark.service
def test_a_review_a_hand_and_the_end_through_the_real_service(
    service: PrivateService, script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setenv("TRAILERFLOW_URL", service.url)
    pack = str(tmp_path / "pack")
    held = ["--pause-after", "script_to_trailer", "--until-paused", "--seconds", "15"]
    assert cli.run(["make", str(script), "-o", pack, *held]) == 6
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == " 45%  run paused"
    assert said.err == "paused: `trailerflow resume 1` lets it go on, `trailerflow cancel 1` ends it\n"
    assert cli.run(["watch", "1", "--until-paused"]) == 6
    assert cli.run(["skip", "1", "image/s000-1"]) == 0
    assert cli.run(["retry", "1"]) == 4
    assert cli.run(["resume", "1", "1", "--json"]) == 0
    assert cli.run(["watch", "1", "-o", pack]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "completed, stand-ins in it: 1"
    assert "trailer.mp4" in os.listdir(pack)  # noqa: PTH208 - names are wanted
    assert cli.run(["doctor"]) == 0
    assert f"ready at {service.url}, workers: 1 orchestrator, 2 render" in capsys.readouterr().out
