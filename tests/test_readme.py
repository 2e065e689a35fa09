"""What the README says can be done: every call, command and file it names is there, and none is left out."""

import re
from pathlib import Path

import pytest

from trailerflow import cli
from trailerflow.orchestrator import WorkflowOrchestrator
from trailerflow.web.router import CALLS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SHELL = "\n".join(re.findall(r"^```\n(.*?)^```", README, re.MULTILINE | re.DOTALL))


def test_the_readme_lists_every_call_and_no_other() -> None:
    listed = set(re.findall(r"^\| `([A-Z]+ /\S+?)` \|", README, re.MULTILINE))
    assert listed == {"GET /openapi.json", *(f"{call.method} {call.path}" for call in CALLS)}


def test_every_make_target_of_the_readme_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", SHELL, re.MULTILINE)) <= targets


def test_every_command_of_the_readme_is_known_to_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    named = {name for names in re.findall(r"^trailerflow ([\w|]+)", SHELL, re.MULTILINE) for name in names.split("|")}
    assert cli.run(["--help"]) == 0
    known = set(re.findall(r"│ (\w+) ", capsys.readouterr().out))
    assert named
    assert named <= known


def test_every_file_the_readme_points_to_is_there() -> None:
    linked = [target for target in re.findall(r"\]\((?!http)([^)#]+)\)", README) if target]
    assert linked
    assert not [target for target in linked if not (ROOT / target).is_file()]


def test_every_room_of_the_map_is_there() -> None:
    rooms = re.findall(r"^  ([\w/.]+)(?: ([\w.]+))?  +", README.split("## The map")[1].split("##")[0], re.MULTILINE)
    named = [name for room in rooms for name in room if name]
    assert len(named) > 5
    assert not [name for name in named if not (ROOT / "src" / "trailerflow" / name).exists()]


def test_the_story_has_the_three_phases_of_the_readme() -> None:
    for phase in ("script_to_trailer", "trailer_to_storyboard", "storyboard_to_movie"):
        assert f"`{phase}`" in README
        assert callable(getattr(WorkflowOrchestrator, phase))
