"""Ways to read what a trial answered: by one step's success, by its error, by a number that it showed."""

from .model.attack import AttackOutcome, OutcomeOf
from .model.program import CallResult

__all__ = ["shows", "shows_bit", "succeeds"]


def _find(answers: tuple[CallResult, ...], step: str) -> CallResult | None:
    return next((answer for answer in answers if answer.step == step), None)


def succeeds(step: str, *granted: str) -> OutcomeOf:
    """Allowed when the step succeeded, or failed with an error that comes only after the permission check."""

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        if answer.errno is None or answer.errno in granted:
            return AttackOutcome(True)
        return AttackOutcome(False, answer.errno)

    return outcome_of


def shows(step: str, value: int) -> OutcomeOf:
    """Allowed when the step gave exactly this number."""

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        return AttackOutcome(answer.value == value)

    return outcome_of


def shows_bit(step: str, bit: int) -> OutcomeOf:
    """Allowed when a 32-bit word of a capability set has this bit of it."""

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _find(answers, step)
        if answer is None or answer.value is None:
            return _first_error(answers)
        return AttackOutcome(bool(answer.value >> bit & 1))

    return outcome_of


def _first_error(answers: tuple[CallResult, ...]) -> AttackOutcome:
    # a step was not reached because one before it failed: that one's error is the answer
    failed = next((answer for answer in answers if answer.errno is not None), None)
    return AttackOutcome(None) if failed is None else AttackOutcome(False, failed.errno)
