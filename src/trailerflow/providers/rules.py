"""The local writer: reads and chooses by rules alone, without a model, a key or a network."""

from trailerflow.film import analysis, casting, importer, settings, storyboard
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.crew import Brief, Looks
from trailerflow.film.plan import Plan
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.settings import Settings


class RulesWriter:
    """The writer of film's crew list, by rules."""

    version = 5

    def read(self, script: bytes, filename: str) -> Screenplay:
        """Read an uploaded file. Raises `BadScript`."""
        return importer.read(script, filename)

    def analyse(self, screenplay: Screenplay) -> Analysis:
        """Say what happens in each scene."""
        return analysis.analyse(screenplay)

    def cast(self, screenplay: Screenplay, analysed: Analysis, looks: Looks) -> Cast:
        """Give every character one look."""
        return casting.cast(screenplay, analysed, looks)

    def scout(self, analysed: Analysis, looks: Looks) -> Settings:
        """Give every place one look."""
        return settings.scout(analysed, looks)

    def draft(self, brief: Brief) -> Plan:
        """Choose scenes, shots and cuts, exact to the frame."""
        return storyboard.draft(
            brief.screenplay,
            brief.analysis,
            brief.cast,
            brief.settings,
            title=brief.title,
            seconds=brief.seconds,
            aspect=brief.aspect,
            seed=brief.seed,
            edits=brief.edits,
        )
