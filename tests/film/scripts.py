"""Scripts for the tests of this folder: made as plans and screenplays are made in production."""

from pathlib import Path

from trailerflow.film import analysis, casting, importer, settings, storyboard
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.plan import Aspect, Edits, Plan
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"


def read(text: str) -> Screenplay:
    """Return the screenplay in a text."""
    return importer.read(text.encode("utf-8", "surrogatepass"), "test.fountain")


def example(name: str = "the-drowned-bell") -> Screenplay:
    """Return one of our own scripts."""
    return importer.read((EXAMPLES / f"{name}.fountain").read_bytes(), f"{name}.fountain")


def prepared(screenplay: Screenplay) -> tuple[Analysis, Cast, Settings]:
    """Return what phase 1 knows before it chooses."""
    found = analysis.analyse(screenplay)
    return found, casting.cast(screenplay, found, {}), settings.scout(found, {})


def planned(
    screenplay: Screenplay, *, seconds: int = 60, aspect: Aspect = "16:9", seed: int = 0, edits: Edits | None = None
) -> Plan:
    """Return the plan of a screenplay's trailer."""
    found, cast, places = prepared(screenplay)
    title = importer.title_of(screenplay, "test.fountain")
    return storyboard.draft(
        screenplay, found, cast, places, title=title, seconds=seconds, aspect=aspect, seed=seed, edits=edits or Edits()
    )
