from film import scripts
from trailerflow.film import breakdown, importance, places, scores


def ranked(text: str) -> dict[str, list[float]]:
    screenplay = scripts.read(text)
    reader = breakdown.Reader(screenplay)
    where = places.of([scene.heading for scene in screenplay.scenes])
    read = [reader.read(scene, place) for scene, place in zip(screenplay.scenes, where, strict=True)]
    return importance.cues(read, [scores.of(scene) for scene in read])


def script(*bodies: str) -> str:
    return "\n\n".join(f"INT. ROOM {number} - DAY\n\n{body}" for number, body in enumerate(bodies))


def said(name: str, words: str = "Yes.") -> str:
    return f"{name}\n{words}"


def test_who_leads_counts_more_than_who_passes() -> None:
    lead, other = said("MARY"), said("PORTER")
    company = ranked(script(lead, other, lead, lead, lead))["company"]
    assert company[1] == min(company)


def test_a_first_and_a_last_meeting_count_and_those_between_do_not() -> None:
    both = f"{said('MARY')}\n\n{said('TOM')}"
    meetings = ranked(script(said("MARY"), both, both, both, said("TOM")))["meetings"]
    assert min(meetings[1], meetings[3]) > meetings[2]


def test_questions_and_turns_make_drama() -> None:
    drama = ranked(script(said("MARY", "Good tea today."), said("MARY", "Who lied? What secret?"), said("MARY", "Mm.")))
    assert drama["drama"][1] == 1.0


def test_a_blow_in_a_calm_is_a_peak_and_one_among_blows_less() -> None:
    calm, blow = "He waits for tea.", "He screams! Guns. Blood. Fire. They fight."
    peak = ranked(script(calm, calm, calm, blow, calm, calm, calm, blow, blow, blow))["peak"]
    assert peak[3] > peak[8] > peak[0]


def test_strength_is_half_length() -> None:
    cues = {"length": [0.0, 1.0], "talk": [1.0, 0.0], "drama": [0.9, 0.2]}
    assert importance.strength(cues) == [0.0, 1.0]


def test_no_scene_and_one_scene_are_ranked_without_trouble() -> None:
    assert importance.ranks([]) == []
    assert importance.ranks([3.0]) == [0.5]
    assert importance.ranks([1.0, 2.0, 2.0]) == [0.0, 0.75, 0.75]


def test_a_rank_among_few_is_told_by_those_that_count() -> None:
    assert importance.ranks_among([1.0, 2.0, 3.0, 2.0], [1.0, 1.0, 0.0, 2.0]) == [0.125, 0.625, 1.0, 0.625]
