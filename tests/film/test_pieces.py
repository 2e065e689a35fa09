from film import scripts
from trailerflow.film import analysis, pieces, quotes


def cut(text: str, wanted: int) -> list[pieces.Piece]:
    screenplay = scripts.read(text)
    return pieces.cut(screenplay, analysis.analyse(screenplay), quotes.of(screenplay, []), wanted)


def test_one_scene_gives_as_many_pieces_as_it_has_thoughts() -> None:
    text = "INT. A - DAY\n\n" + "\n\n".join(
        f"He waits, day {number}.\n\nMARY\nWho is it, {number}?" for number in range(8)
    )
    found = cut(text, 6)
    assert len(found) >= 6
    assert [piece.first for piece in found[1:]] == [piece.last for piece in found[:-1]]
    assert all(0 <= piece.position < 1 for piece in found)


def test_a_cue_stays_with_its_speech() -> None:
    text = "INT. A - DAY\n\n" + "\n\n".join(f"MARY\nWho is it, {number}?" for number in range(20))
    screenplay = scripts.read(text)
    for piece in cut(text, 12):
        assert screenplay.elements[piece.first].type != "dialogue"


def test_scenes_are_whole_when_there_are_enough() -> None:
    text = "\n\n".join(f"INT. ROOM {number} - DAY\n\nHe waits. She leaves." for number in range(9))
    assert all(piece.whole for piece in cut(text, 5))


def test_very_short_sentences_stay_together() -> None:
    (piece,) = cut("EXT. SEA - NIGHT\n\nStorm. The wall groans. Ida runs along the rail.", 1)
    assert [told.text for told in piece.told] == ["Storm. The wall groans.", "Ida runs along the rail."]
