import os
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from trailerflow.errors import Invalid
from trailerflow.film import importer, quotes
from trailerflow.film.plan import ASPECTS, FPS, Cut, Edits, Plan, Shot
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.selection import SPOILERS

FOLDER = os.environ.get("SCREENPLAYS_DIR", "")
SHARED = sorted(Path(FOLDER).glob("*.fountain")) if FOLDER else []
TINY = [
    "EXT. SEA - DAY\n\nWaves. A boat. Nobody in it.",
    "Only this.",
    "INT. A - DAY\n\nMARY\nHi.",
    "INT. A - DAY\n\nA.\n\nEXT. B - NIGHT\n\nEXT. C - DUSK\n\nMARY (V.O.)\nWho is there?\n\nTOM\nNobody.",
    "INT。 病院-日\n\nジョン（20）が入院。\n\nジョン\n（失われた）\nこの場所は何ですか？",  # noqa: RUF001 (full-width marks are meant)
    "INT. A - DAY\n\nMARY\n" + "We talk and talk without an end and nobody stops us from talking on and on, " * 8,
]


def check(plan: Plan, screenplay: Screenplay) -> None:
    """Say what holds for every plan of every script."""
    shots = {shot.id: shot for shot in plan.shots}
    cards = {card.id for card in plan.cards}
    assert plan.frames == plan.seconds * FPS == sum(cut.frames for cut in plan.cuts)
    start = 0
    for place, cut in enumerate(plan.cuts):
        assert cut.start == start
        assert cut.frames > 0
        assert cut.id in (shots if cut.kind == "shot" else cards)
        assert cut.fade_in + cut.fade_out <= cut.frames
        assert cut.dissolve == 0 or (place and cut.dissolve < min(cut.frames, plan.cuts[place - 1].frames))
        start += cut.frames
    assert len(shots) == len(plan.shots)
    assert sorted(cut.id for cut in plan.cuts) == sorted([*shots, *cards])
    assert plan.cuts[0].fade_in > 0
    assert plan.cuts[-1].fade_out > 0
    assert {shot.scene for shot in plan.shots} == {choice.scene for choice in plan.choices}
    assert all(choice.reason for choice in plan.choices)
    _check_lines(plan, shots, screenplay)
    _check_staging(plan.shots)


def _check_lines(plan: Plan, shots: dict[str, Shot], screenplay: Screenplay) -> None:
    """A line is word for word, has its time inside its act, and is over before the next begins."""
    spoken = [(place, shots[cut.id].line) for place, cut in enumerate(plan.cuts) if cut.kind == "shot"]
    lines = [(place, line) for place, line in spoken if line]
    for number, (place, line) in enumerate(lines):
        assert line.text in " ".join(screenplay.elements[line.element].text.split())
        following = lines[number + 1][0] if number + 1 < len(lines) else len(plan.cuts)
        heard = _run(plan.cuts, place, following)
        assert heard >= quotes.seconds(line.text) * FPS
        assert line.character in [figure.character for figure in shots[plan.cuts[place].id].figures]
    assert len({line.id for _, line in lines}) == len(lines)


def _run(cuts: tuple[Cut, ...], first: int, limit: int) -> int:
    """Return the frames from a line's cut to the end of the last cut it may run on over."""
    frames = 0
    for cut in cuts[first : min(first + 3, limit)]:
        if cut.act != cuts[first].act or cut.kind == "card":
            break
        frames += cut.frames
    return frames


def _check_staging(shots: tuple[Shot, ...]) -> None:
    """Everybody keeps one side of the picture and one direction of looking within a scene."""
    sides: dict[tuple[int, str], tuple[bool, str]] = {}
    for shot in shots:
        for figure in shot.figures:
            assert 0 <= figure.x <= 1
            side = (figure.x < 0.5, figure.facing)
            assert sides.setdefault((shot.scene, figure.character), side) == side


@given(st.integers(15, 150), st.sampled_from(sorted(ASPECTS)), st.integers(0, 2**31), st.sampled_from(TINY))
@settings(deadline=None, max_examples=40)
def test_tiny_scripts_fill_any_length_to_the_frame(seconds: int, aspect: str, seed: int, text: str) -> None:
    screenplay = scripts.read(text)
    check(scripts.planned(screenplay, seconds=seconds, aspect=aspect, seed=seed), screenplay)  # type: ignore[arg-type]  # sampled from the very keys


@pytest.mark.parametrize("seconds", [15, 16, 19, 20, 24, 25, 30, 39, 45, 54, 60, 61, 75, 90, 99, 100, 120, 149, 150])
def test_the_example_fills_any_length_to_the_frame(seconds: int) -> None:
    screenplay = scripts.example()
    check(scripts.planned(screenplay, seconds=seconds), screenplay)


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_shared_screenplays_have_a_plan(path: Path) -> None:
    screenplay = importer.read(path.read_bytes(), path.name)
    for seconds in (15, 60, 150):
        check(scripts.planned(screenplay, seconds=seconds), screenplay)


def test_the_trailer_has_all_its_acts_in_order_and_names_the_film_near_the_end() -> None:
    plan = scripts.planned(scripts.example())
    acts = list(dict.fromkeys(cut.act for cut in plan.cuts))
    assert acts == ["cold_open", "introduction", "escalation", "montage", "title", "button"]
    title = next(cut for cut in plan.cuts if cut.id == "title")
    assert title.start > 0.7 * plan.frames
    assert [card.text for card in plan.cards] == [
        "They drowned a village.", "It kept its bell.", "Tonight it rings.",
        "The Drowned Bell", "written by trailerflow",
    ]  # fmt: skip


def test_most_shots_last_one_to_three_seconds_and_the_montage_is_the_fastest() -> None:
    plan = scripts.planned(scripts.example())
    shots = [cut for cut in plan.cuts if cut.kind == "shot"]
    usual = [cut for cut in shots if 1 <= cut.frames / FPS <= 3]
    montage = [cut.frames for cut in shots if cut.act == "montage"]
    escalation = [cut.frames for cut in shots if cut.act == "escalation"]
    assert len(usual) > 0.6 * len(shots)
    assert sum(montage) / len(montage) < 0.75 * sum(escalation) / len(escalation)


def test_the_end_of_the_story_is_not_told() -> None:
    screenplay = scripts.example()
    plan = scripts.planned(screenplay, seconds=150)
    limit = SPOILERS * len(screenplay.scenes)
    assert all(shot.scene < limit for shot in plan.shots if shot.act != "montage" or shot.line)
    assert len(screenplay.scenes) - 1 not in {shot.scene for shot in plan.shots}


def test_leads_are_met_before_the_escalation() -> None:
    plan = scripts.planned(scripts.example())
    early = {
        figure.character for shot in plan.shots if shot.act in ("cold_open", "introduction") for figure in shot.figures
    }
    assert {"IDA", "REKE", "ANSELM"} <= early


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert scripts.planned(scripts.example()) == scripts.planned(scripts.example())
    assert scripts.planned(scripts.example()).shots != scripts.planned(scripts.example(), seed=1).shots


def test_a_locked_scene_is_in_and_a_banned_one_is_out() -> None:
    plan = scripts.planned(scripts.example(), edits=Edits(lock=(19,), ban=(0, 2)))
    chosen = {choice.scene: choice.reason for choice in plan.choices}
    assert chosen[19].startswith("locked by you")
    assert not {0, 2} & set(chosen)


def test_a_persons_order_is_the_order_of_the_scenes_on_the_time_line() -> None:
    before = [choice.scene for choice in scripts.planned(scripts.example()).choices if choice.act == "escalation"]
    wanted = tuple(reversed(before))
    after = scripts.planned(scripts.example(), edits=Edits(order=wanted))
    places = [choice.scene for choice in after.choices if choice.scene in wanted and choice.act == "escalation"]
    assert [scene for scene in wanted if scene in places] == list(dict.fromkeys(places))


def test_many_locked_scenes_are_in_or_named_in_a_warning() -> None:
    for seconds in (15, 60, 150):
        plan = scripts.planned(scripts.example(), seconds=seconds, edits=Edits(lock=tuple(range(20))))
        check(plan, scripts.example())
        shown = {shot.scene for shot in plan.shots}
        assert shown == set(range(20)) or any("locked" in warning for warning in plan.warnings)


def test_a_tall_frame_holds_two_people_at_most() -> None:
    plan = scripts.planned(scripts.example(), seconds=150, aspect="9:16")
    assert max(len(shot.figures) for shot in plan.shots) == 2


def test_edits_that_contradict_themselves_or_leave_nothing_are_invalid() -> None:
    with pytest.raises(Invalid):
        scripts.planned(scripts.example(), edits=Edits(ban=tuple(range(20))))
    with pytest.raises(Invalid):
        scripts.planned(scripts.example(), edits=Edits(ban=(1,), lock=(1,)))


def test_scenes_that_do_not_exist_are_ignored_with_a_warning() -> None:
    plan = scripts.planned(scripts.example(), edits=Edits(lock=(99,)))
    assert any("99" in warning for warning in plan.warnings)


def test_five_hundred_scenes_and_eighty_speakers_take_seconds() -> None:
    scenes = []
    for number in range(500):
        talk = "\n\n".join(
            f"PERSON {(7 * number + turn) % 80}\nWho will stop {number} before {turn}?" for turn in range(5)
        )
        scenes.append(f"EXT. PLACE {number % 90} - NIGHT\n\nA storm breaks number {number}. They run.\n\n{talk}")
    screenplay = scripts.read("\n\n".join(scenes))
    begin = time.process_time()
    plan = scripts.planned(screenplay, seconds=150)
    assert time.process_time() - begin < 8
    check(plan, screenplay)
