from film import scripts
from trailerflow.film import doubts
from trailerflow.film.plan import Edits


def test_every_scene_left_out_can_be_asked_why() -> None:
    screenplay = scripts.example()
    found, cast, _ = scripts.prepared(screenplay)
    edits = Edits(ban=(2,), lock=(5,))
    plan = scripts.planned(screenplay, seconds=30, edits=edits)
    said = {doubt.scene: doubt.reason for doubt in doubts.scenes(screenplay, found, cast, plan, edits)}
    assert set(said) == set(range(20)) - {shot.scene for shot in plan.shots}
    assert said[2] == "banned by you"
    assert "give the end away" in said[19]
    assert any("serves better" in reason for reason in said.values())


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
