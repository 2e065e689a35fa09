from film import scripts
from trailerflow.film import quotes
from trailerflow.film.plan import FPS


def test_nothing_is_said_twice() -> None:
    said = [shot.line.text for shot in scripts.planned(scripts.example(), seconds=150).shots if shot.line]
    assert len(said) > 15
    assert not any(one in other for one in said for other in said if one is not other)


def test_an_answer_follows_its_question_in_the_order_of_the_script() -> None:
    for seconds in (60, 150):
        plan = scripts.planned(scripts.example(), seconds=seconds)
        for act in ("cold_open", "introduction", "escalation"):
            lines = [shot.line.element for shot in plan.shots if shot.line and shot.act == act]
            assert lines == sorted(lines)


def test_words_leave_room_for_pictures() -> None:
    plan = scripts.planned(scripts.example())
    spoken = sum(quotes.seconds(shot.line.text) for shot in plan.shots if shot.line)
    assert 0.25 < spoken / (plan.frames / FPS) < 0.75
