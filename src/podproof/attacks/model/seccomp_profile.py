"""What a seccomp profile answers to one call: the profile as the OCI specification has it goes in.

Source: OCI runtime specification, config-linux.md, Seccomp; opencontainers/runc libcontainer/seccomp.
"""

import errno
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ...effective.value import Unknown

__all__ = ["SeccompRules", "action_of", "parse_rules"]

_ALLOWED = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")

_OPERATIONS: Mapping[str, Callable[[int, int, int], bool]] = {
    "SCMP_CMP_NE": lambda argument, value, _: argument != value,
    "SCMP_CMP_LT": lambda argument, value, _: argument < value,
    "SCMP_CMP_LE": lambda argument, value, _: argument <= value,
    "SCMP_CMP_EQ": lambda argument, value, _: argument == value,
    "SCMP_CMP_GE": lambda argument, value, _: argument >= value,
    "SCMP_CMP_GT": lambda argument, value, _: argument > value,
    "SCMP_CMP_MASKED_EQ": lambda argument, mask, value: argument & mask == value,
}


class ArgumentCondition(msgspec.Struct, frozen=True, rename="camel"):
    """A condition on one argument of a call, by its index."""

    index: int
    value: int
    op: str
    value_two: int = 0


class FilteredCall(msgspec.Struct, frozen=True, rename="camel"):
    """What is done with some calls, where all conditions hold."""

    names: tuple[str, ...]
    action: str
    errno_ret: int | None = None
    args: tuple[ArgumentCondition, ...] | None = None


class SeccompRules(msgspec.Struct, frozen=True, rename="camel"):
    """A seccomp profile, as far as it answers calls of the machine's own architecture."""

    default_action: str
    default_errno_ret: int | None = None
    syscalls: tuple[FilteredCall, ...] | None = None


def parse_rules(data: bytes) -> SeccompRules | None:
    """Read a profile; None where it is not as the specification has it."""
    try:
        return msgspec.json.decode(data, type=SeccompRules)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def action_of(rules: SeccompRules, call: str, arguments: Sequence[int]) -> str | Unknown:
    """Give the error by which a profile refuses a call, "" where it allows it.

    Unknown where the profile kills or asks another process, where several rules that differ hold, and where
    it compares in a way, or an argument, that is not known here.
    """
    try:
        answers = [
            _answer(rule.action, rule.errno_ret)
            for rule in rules.syscalls or ()
            if call in rule.names and _holds(rule.args or (), arguments)
        ]
    except (KeyError, IndexError) as error:
        return Unknown(f"what the seccomp profile compares is not known here: {error}")
    if not answers:
        return _answer(rules.default_action, rules.default_errno_ret)
    if all(answer == answers[0] for answer in answers):
        return answers[0]
    return Unknown(f"several rules of the seccomp profile hold for {call}")


def _answer(action: str, number: int | None) -> str | Unknown:
    if action in _ALLOWED:
        return ""
    if action != "SCMP_ACT_ERRNO":
        return Unknown(f"the seccomp profile has {action} for it")
    given = errno.EPERM if number is None else number
    return errno.errorcode.get(given, str(given))


def _holds(conditions: Sequence[ArgumentCondition], arguments: Sequence[int]) -> bool:
    return all(_OPERATIONS[one.op](arguments[one.index], one.value, one.value_two) for one in conditions)
