"""The Makefile: what its targets would run."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="no make on PATH: `apt-get install make`")


def would_run(*arguments: str) -> str:
    command = ["make", "--no-print-directory", "--dry-run", "-o", ".venv/.installed", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_demo_takes_the_bundled_script_sixty_seconds_and_the_folder_demo() -> None:
    line = would_run("demo")
    assert 'make "examples/' in line
    assert line.rstrip().endswith('-o "demo" --seconds "60" --own')


def test_demo_takes_a_script_a_length_and_a_folder_with_spaces() -> None:
    line = would_run("demo", "SCRIPT=my film.fdx", "LENGTH=15", "OUT=the pack")
    assert '"my film.fdx" -o "the pack" --seconds "15"' in line


def test_check_runs_format_lint_types_and_import_contracts() -> None:
    lines = would_run("check").splitlines()
    assert lines == [f".venv/bin/{tool}" for tool in ("ruff format --check", "ruff check", "mypy", "lint-imports")]


def test_setup_does_nothing_when_it_is_done() -> None:
    assert "pip" not in would_run("setup")
