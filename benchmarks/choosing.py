"""How well the trailer is chosen, beside a plain pick of the scenes that matter most, over scripts, lengths and seeds.

`.venv/bin/python -m benchmarks.choosing`. Scripts: the bundled ones, and those in `SCREENPLAYS_DIR` if it is set.
Floor: as many scenes as the plan shows, the most preferred first, with as many shots each. The distance from the
shares of real trailers adds up over the four parts of the story (2 is the most); a script needs eight scenes for it.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.harness import ROOT, Row, machine, report

from trailerflow.film import analysis, casting, importer, objective, reading, selection, settings, storyboard
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.plan import FPS, Edits, Plan
from trailerflow.film.screenplay import Screenplay

LENGTHS = (15, 23, 30, 60, 90, 150)
SEEDS = (0, 7)
FEWEST_SCENES = 8
PAGES = 150
EIGHTHS = 8
MOST_SECONDS = 2.0
CUTS_A_MINUTE = 38


@dataclass(frozen=True, slots=True)
class Chosen:
    """A plan beside what it was chosen from."""

    screenplay: Screenplay
    analysis: Analysis
    cast: Cast
    plan: Plan

    @property
    def scenes(self) -> list[int]:
        """The scene of every shot."""
        return [shot.scene for shot in self.plan.shots]

    @property
    def plain(self) -> list[int]:
        """The scene of every shot if the most preferred scenes were simply taken."""
        best = self.analysis.preference[: len(set(self.scenes))]
        return [best[place % len(best)] for place in range(len(self.scenes))]


def scripts() -> Iterator[bytes]:
    """Yield the scripts that have a story long enough to choose from, and one as long as a feature."""
    own = os.environ.get("SCREENPLAYS_DIR")
    folders = [ROOT / "examples", *([Path(own)] if own else [])]
    for folder in folders:
        for path in sorted(folder.glob("*.fountain")):
            data = path.read_bytes()
            if len(reading.read(data, path.name).scenes) >= FEWEST_SCENES:
                yield data
    yield feature()


def chosen(data: bytes, seconds: int, seed: int) -> Chosen:
    """Return the plan of a script."""
    screenplay = reading.read(data, "script.fountain")
    found = analysis.analyse(screenplay)
    cast = casting.cast(screenplay, found, {})
    title = importer.title_of(screenplay, "script")
    places = settings.scout(found, {})
    plan = storyboard.draft(
        screenplay, found, cast, places, title=title, seconds=seconds, aspect="16:9", seed=seed, edits=Edits()
    )
    return Chosen(screenplay, found, cast, plan)


def unlike(scenes: Sequence[int], count: int) -> float:
    """Return how far the shares of the story's parts are from those of real trailers."""
    parts = [0] * len(objective.SHARES)
    for scene in scenes:
        parts[sum((scene + 0.5) / count >= bound for bound in objective.BOUNDS)] += 1
    return sum(abs(part / len(scenes) - share) for part, share in zip(parts, objective.SHARES, strict=True))


def spoiled(one: Chosen, scenes: Sequence[int]) -> int:
    """Count the shots from after the climax or from where the story ends."""
    climax = one.analysis.turning_points[-1].scenes[0]
    return sum(scene > climax or scene / len(one.analysis.scenes) >= selection.GLIMPSE for scene in scenes)


def places(one: Chosen, scenes: Sequence[int]) -> float:
    """Return how many places are seen, of all that could be with so many scenes."""
    everywhere = {scene.setting for scene in one.analysis.scenes}
    seen = {one.analysis.scenes[scene].setting for scene in scenes}
    return len(seen) / min(len(everywhere), len(set(scenes)))


def leads(one: Chosen) -> float:
    """Return the share of leads seen before the escalation."""
    early = {shot.scene for shot in one.plan.shots if shot.act in ("cold_open", "introduction")}
    present = {name for scene in early for name in one.analysis.scenes[scene].present}
    names = [character.name for character in one.cast.characters if character.role == "lead"]
    return sum(name in present for name in names) / max(1, len(names))


def shrinking(one: Chosen) -> float:
    """Return how long a shot of the montage is, beside one of the introduction."""
    by_act = {
        act: [cut.frames for cut in one.plan.cuts if cut.kind == "shot" and cut.act == act] for act in selection.ACTS
    }
    return fmean(by_act["montage"]) / fmean(by_act["introduction"])


def cuts_a_minute(one: Chosen) -> float:
    """Return the pace of the whole trailer, its cards included."""
    return len(one.plan.cuts) / one.plan.seconds * 60


def explained(one: Chosen) -> float:
    """Return the share of scenes, chosen or not, that come with a reason."""
    why = {choice.scene for choice in one.plan.choices if choice.reason}
    why_not = {doubt.scene for doubt in one.plan.left_out if doubt.reason}
    return len(why | why_not) / len(one.analysis.scenes)


def feature() -> bytes:
    """Return a script of 150 pages: the bundled one again and again, each time in other places."""
    text = (ROOT / "examples" / "the-drowned-bell.fountain").read_text(encoding="utf-8")
    head, _, body = text.partition("# Part One")
    pages = sum(scene.eighths for scene in analysis.analyse(reading.read(text.encode(), "a.fountain")).scenes) / EIGHTHS
    parts = [body.replace(" - ", f" {number} - ") for number in range(round(PAGES / pages))]
    return (head + "\n\n".join(f"# Part {part}" for part in parts)).encode()


def thinking_seconds() -> float:
    """Return the processor time from the read script of 150 pages to its plan."""
    data = feature()
    screenplay = reading.read(data, "feature.fountain")
    began = time.process_time()
    found = analysis.analyse(screenplay)
    cast = casting.cast(screenplay, found, {})
    where = settings.scout(found, {})
    storyboard.draft(screenplay, found, cast, where, title="A", seconds=150, aspect="16:9", seed=0, edits=Edits())
    return time.process_time() - began


def main() -> int:
    """Measure and print."""
    every = [chosen(data, seconds, seed) for data in scripts() for seconds in LENGTHS for seed in SEEDS]
    long = [one for one in every if one.plan.seconds >= 60]
    error = max(abs(sum(cut.frames for cut in one.plan.cuts) - one.plan.seconds * FPS) for one in every)
    counts = [len(one.analysis.scenes) for one in long]
    own = fmean(unlike(one.scenes, count) for one, count in zip(long, counts, strict=True))
    plain = fmean(unlike(one.plain, count) for one, count in zip(long, counts, strict=True))
    spoilers = sum(spoiled(one, one.plain) for one in every)
    places_plain = fmean(places(one, one.plain) for one in every)
    rows = [
        Row("length error, the largest", error, "frames", bar=0),
        Row("shots that give the end away", sum(spoiled(one, one.scenes) for one in every), "", floor=spoilers, bar=0),
        Row("distance from real trailers' shares, 60 s and more", own, "", floor=plain, bar=min(0.4, plain)),
        Row("leads seen before the escalation, 60 s and more", 100 * fmean(map(leads, long)), "%", least=90),
        Row(
            "places seen of those possible",
            100 * fmean(places(one, one.scenes) for one in every),
            "%",
            100 * places_plain,
        ),
        Row("cuts a minute", fmean(map(cuts_a_minute, long)), "", floor=CUTS_A_MINUTE),
        Row("a shot of the montage, of the introduction", fmean(map(shrinking, long)), "", bar=0.7),
        Row("scenes with a reason, chosen or not", 100 * fmean(map(explained, every)), "%", least=100),
        Row("from the read script of 150 pages to the plan", thinking_seconds(), "s", bar=MOST_SECONDS),
    ]
    return report(f"Choosing: {len(every)} plans ({machine()})", rows)


if __name__ == "__main__":
    sys.exit(main())
