"""Ways to read what a trial answered: by one step's success, by its error, by a number that it showed.

A step that was not reached shows nothing, unless the error of an earlier one, which is named, is the refusal.
"""

from .model.attack import AttackOutcome, OutcomeOf
from .model.program import CallResult

__all__ = ["shows_bit", "shows_root", "succeeds", "uid_kept", "without"]


def succeeds(step: str, *granted: str, stopped_by: str = "") -> OutcomeOf:
    """Allowed when the step succeeded, or failed with an error that comes only after the permission check.

    `stopped_by` names the earlier step whose error is a refusal too.
    """

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _decisive(answers, step, stopped_by)
        if answer is None:
            return AttackOutcome(None)
        if answer.step == step and (answer.errno is None or answer.errno in granted):
            return AttackOutcome(True)
        return AttackOutcome(False, answer.errno)

    return outcome_of


def shows_root(step: str) -> OutcomeOf:
    """Allowed when the step gave 0, the UID of root; refused when it gave another UID, which is named."""

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _decisive(answers, step, "")
        if answer is None or answer.value is None:
            return AttackOutcome(None)
        return AttackOutcome(True) if answer.value == 0 else AttackOutcome(False, uid_kept(answer.value))

    return outcome_of


def shows_bit(step: str, bit: int, name: str, *, stopped_by: str = "") -> OutcomeOf:
    """Allowed when a 32-bit word of a capability set has the bit of the capability `name`.

    `stopped_by` names the earlier step whose error is a refusal too.
    """

    def outcome_of(answers: tuple[CallResult, ...]) -> AttackOutcome:
        answer = _decisive(answers, step, stopped_by)
        if answer is None or answer.value is None:
            return AttackOutcome(None)
        if answer.step != step:
            return AttackOutcome(False, answer.errno)
        return AttackOutcome(True) if answer.value >> bit & 1 else AttackOutcome(False, without(name))

    return outcome_of


def uid_kept(uid: int) -> str:
    """Name the refusal of a program that did not become root."""
    return f"still UID {uid}"


def without(name: str) -> str:
    """Name the refusal of a process that did not get a capability."""
    return f"still without {name}"


def _decisive(answers: tuple[CallResult, ...], step: str, stopped_by: str) -> CallResult | None:
    """Give the answer that decides: the step's own, else the error of the step that may stop it."""
    answer = next((one for one in answers if one.step == step and one.value is not None), None)
    if answer is not None or not stopped_by:
        return answer
    return next((one for one in answers if one.step == stopped_by and one.errno is not None), None)
