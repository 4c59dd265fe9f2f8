"""Ways to read what a trial answered: by one step's success, by its error, by a number that it showed."""

from ._attack import Judge, Outcome
from ._program import Answer

__all__ = ["shows", "shows_bit", "succeeds"]


def _find(answers: tuple[Answer, ...], step: str) -> Answer | None:
    return next((answer for answer in answers if answer.step == step), None)


def succeeds(step: str, *granted: str) -> Judge:
    """Allowed when the step succeeded, or failed with an error that comes only after the permission check."""

    def judge(answers: tuple[Answer, ...]) -> Outcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        if answer.errno is None or answer.errno in granted:
            return Outcome(True)
        return Outcome(False, answer.errno)

    return judge


def shows(step: str, value: int) -> Judge:
    """Allowed when the step gave exactly this number."""

    def judge(answers: tuple[Answer, ...]) -> Outcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        return Outcome(answer.value == value)

    return judge


def shows_bit(step: str, bit: int) -> Judge:
    """Allowed when a 32-bit word of a capability set has this bit of it."""

    def judge(answers: tuple[Answer, ...]) -> Outcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        return Outcome(bool(answer.value >> bit & 1))

    return judge


def _first_error(answers: tuple[Answer, ...]) -> Outcome:
    # a step was not reached because one before it failed: that one's error is the answer
    failed = next((answer for answer in answers if answer.errno is not None), None)
    return Outcome(None) if failed is None else Outcome(False, failed.errno)
