"""A narrator tells the writer's own premise over silent pictures, in a voice of his own, or nobody does."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from film.products import NOWHERE
from trailerflow.film import captions, narration, orders, quotes
from trailerflow.film.casting import Cast
from trailerflow.film.delivery import strange_words
from trailerflow.film.placement import place_lines
from trailerflow.film.plan import FPS, NARRATOR, Plan, frame_of

TOLD = "A bell rings beneath a drowned village. One woman remembers why."
LOGLINE = f"{TOLD} She must silence it before it calls the dead back home."
BARE = (scripts.EXAMPLES / "the-drowned-bell.fountain").read_text(encoding="utf-8")
TITLED = scripts.read(BARE.replace("Tagline:", f"Logline: {LOGLINE}\nTagline:", 1))
ACT_FRAMES = 20 * FPS
Made = tuple[Plan, Cast]


@pytest.fixture(scope="module")
def made() -> Made:
    return scripts.planned(TITLED, seconds=90), scripts.prepared(TITLED)[1]


def test_the_premise_is_told_once_over_silent_pictures_of_the_introduction(made: Made) -> None:
    plan, _ = made
    [(name, line)] = plan.narration.items()
    shot = next(shot for shot in plan.shots if shot.id == name)
    assert (shot.act, shot.line, line.character) == ("introduction", None, NARRATOR)
    assert line.text == TOLD
    assert list(strange_words(plan)) == []
    assert not any(line.text.startswith(card.text) or card.text in line.text for card in plan.cards)
    seconds = {one.id: quotes.seconds(one.text) for one in (shot.line for shot in plan.voiced().shots) if one}
    placed = place_lines(plan.voiced(), {**seconds, line.id: seconds[line.id] / narration.PACE})
    assert [one.speed for one in placed if one.line == line] == [1.0]
    assert all(late.start > early.end for early, late in pairwise(placed))


def test_no_picture_depends_on_what_is_told_but_the_storyboard_says_it(made: Made) -> None:
    plan, cast = made
    frame = frame_of(plan.aspect, 90)
    told = [line.text for line in plan.narration.values()]
    places = scripts.prepared(TITLED)[2]
    moves = orders.clips(plan, dict.fromkeys((shot.id for shot in plan.shots), NOWHERE), frame)
    assert not any(move.shot.line and move.shot.line.text in told for move in moves)
    tiles = orders.storyboard(plan, cast, places, {}, frame).tiles
    assert [
        tile.shot.line.text for tile in tiles if tile.shot and tile.shot.line and tile.shot.line.text in told
    ] == told


def test_the_narrator_has_a_voice_like_nobody_elses(made: Made) -> None:
    plan, cast = made
    lines = orders.voices(plan, cast).lines
    [told] = [line for line in lines if line.id in {line.id for line in plan.narration.values()}]
    assert told.pitch not in {character.look.pitch for character in cast.characters}
    same = cast.characters[0].look.model_copy(update={"pitch": narration.PITCH})
    taken = cast.model_copy(
        update={"characters": (cast.characters[0].model_copy(update={"look": same}), *cast.characters[1:])}
    )
    assert narration.PITCH not in {line.pitch for line in orders.voices(plan, taken).lines if line.id == told.id}


def test_what_is_told_is_captioned_in_italics_without_a_name(made: Made) -> None:
    plan, _ = made
    lines = place_lines(plan.voiced(), {})
    shown = captions.captions_of(lines, plan.seconds)
    assert list(captions.faults(shown, lines, plan.seconds)) == []
    for text in (captions.vtt(shown), captions.srt(shown)):
        assert "<i>A bell rings beneath a drowned village.\nOne woman remembers why.</i>" in text
        assert NARRATOR not in text
        assert "\nIDA: You can't drown a bell.\n" in text


def test_without_a_premise_or_with_a_narrator_in_the_script_nothing_is_added(made: Made) -> None:
    plain = scripts.planned(scripts.read(BARE), seconds=30)
    assert plain.narration == {}
    assert "narration" not in plain.model_dump(mode="json")
    own = scripts.read(f"Logline: {LOGLINE}\n\nINT. ROOM - DAY\n\nRain.\n\nNARRATOR\nIt was a cold night.\n")
    assert narration.of(own, ACT_FRAMES) is None
    stored = {
        name: value for name, value in made[0].model_dump(mode="json").items() if name not in ("narration", "sources")
    }
    assert Plan.model_validate(stored).voiced().shots == made[0].shots


def test_a_premise_may_stand_in_a_synopsis_before_the_first_scene() -> None:
    script = scripts.read("= A widow digs up the past.\n\nINT. ROOM - DAY\n\n= She sits and waits for him.\n\nRain.\n")
    told = narration.of(script, ACT_FRAMES)
    assert told is not None
    assert (told.text, script.elements[told.element].text) == ("A widow digs up the past.", told.source)


@given(words=st.text(alphabet="ab .!?…\n", max_size=200), frames=st.integers(0, 60 * FPS))
@settings(deadline=None)
def test_whatever_is_told_stands_so_in_the_script_and_has_the_time_it_needs(words: str, frames: int) -> None:
    script = TITLED.model_copy(update={"title_page": {"Logline": words}})
    told = narration.of(script, frames)
    if told is not None:
        assert " ".join(told.text.split()) in " ".join(words.split())
        assert told.seconds <= min(narration.LONGEST, frames / FPS)
        silent = [True] * 4
        assert narration.place(told, silent) == (0 if told.pictures <= 4 else None)
