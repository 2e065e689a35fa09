from film import scripts
from trailerflow.film import doubts
from trailerflow.film.plan import Edits


def test_every_scene_left_out_says_why() -> None:
    plan = scripts.planned(scripts.example(), seconds=30, edits=Edits(ban=(2,), lock=(5,)))
    said = {doubt.scene: doubt for doubt in plan.left_out}
    shown = {shot.scene for shot in plan.shots}
    assert list(said) == sorted(set(range(20)) - shown)
    assert said[2].reason == "left out by you"
    assert "give the end away" in said[19].reason
    beaten = [doubt for doubt in plan.left_out if "better" in doubt.reason]
    assert beaten
    assert all(doubt.instead in shown for doubt in beaten)


def test_of_very_many_scenes_the_foremost_say_why() -> None:
    text = "\n\n".join(f"INT. ROOM {number} - NIGHT\n\nAnna opens door {number}." for number in range(700))
    plan = scripts.planned(scripts.read(text), seconds=15)
    assert len(plan.left_out) == doubts.MOST_SCENES


def test_a_plan_without_its_doubts_is_stored_as_before() -> None:
    plan = scripts.planned(scripts.example(), seconds=30, edits=Edits(ban=(2,)))
    assert {"left_out", "obeyed"} <= plan.model_dump().keys()
    assert not {"left_out", "obeyed"} & plan.without_doubts().model_dump().keys()
    assert Edits().model_dump() == {"lock": (), "ban": (), "order": ()}


def test_every_line_left_out_can_be_asked_why() -> None:
    screenplay = scripts.example()
    _, cast, _ = scripts.prepared(screenplay)
    plan = scripts.planned(screenplay, seconds=60)
    unsaid = doubts.lines(screenplay, cast, plan)
    spoken = {shot.line.element for shot in plan.shots if shot.line}
    speeches = {place for place, element in enumerate(screenplay.elements) if element.type == "dialogue"}
    assert {line.element for line in unsaid} == speeches - spoken
    assert all(line.reason for line in unsaid)
    assert next(line.reason for line in unsaid if line.text == "No.") == "its scene is not shown"
