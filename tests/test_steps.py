"""Work that is done step by step, several pieces beside each other."""

import pytest

from podproof.steps import Steps, finish, in_step


def work(name: str, steps: int, done: list[str]) -> Steps[str]:
    for number in range(steps):
        done.append(f"{name}{number}")
        yield
    done.append(f"{name} ends")
    return name.upper()


def test_each_step_is_done_for_all_before_the_next() -> None:
    done: list[str] = []
    assert finish(in_step([work("a", 2, done), work("b", 0, done), work("c", 1, done)])) == ["A", "B", "C"]
    assert done == ["a0", "b ends", "c0", "a1", "c ends", "a ends"]


def test_work_beside_other_work_stops_with_it() -> None:
    done: list[str] = []
    inner = [in_step([work("a", 1, done), work("b", 2, done)]), in_step([work("c", 2, done)])]
    assert finish(in_step(inner)) == [["A", "B"], ["C"]]
    assert done == ["a0", "b0", "c0", "a ends", "b1", "c1", "b ends", "c ends"]


def test_nothing_to_do_takes_no_step() -> None:
    assert finish(in_step([])) == []


def test_what_a_step_raises_is_raised() -> None:
    def broken() -> Steps[str]:
        yield
        raise ValueError("of a step")

    with pytest.raises(ValueError, match="of a step"):
        finish(in_step([work("a", 3, []), broken()]))
