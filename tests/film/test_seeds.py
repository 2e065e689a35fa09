from trailerflow.film import seeds


def test_numbers_repeat_across_processes_and_machines() -> None:
    assert seeds.number("kitchen", 3) == 762750124
    assert 0 <= seeds.share("x") < 1
    assert seeds.pick("abc", 1) == seeds.pick("abc", 1)
