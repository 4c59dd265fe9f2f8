"""What a seccomp profile answers to one call: the profile as the OCI specification has it goes in.

Source: OCI runtime specification, config-linux.md, Seccomp; opencontainers/runc libcontainer/seccomp.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...effective.value import Unknown

__all__ = ["action_of"]

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


def action_of(profile: Mapping[str, Any], call: str, arguments: Sequence[int]) -> str | Unknown:
    """Give the error by which a profile refuses a call, "" where it allows it.

    Unknown where the profile kills or asks another process, where several rules that differ hold, and where
    the profile is not as the specification has it.
    """
    try:
        answers = [
            _answer(rule["action"], rule.get("errnoRet"))
            for rule in profile.get("syscalls") or ()
            if call in rule["names"] and _holds(rule.get("args") or (), arguments)
        ]
        if not answers:
            return _answer(profile["defaultAction"], profile.get("defaultErrnoRet"))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        return Unknown(f"the seccomp profile is not as the OCI specification has it: {error}")
    first = answers[0]
    if all(answer == first for answer in answers):
        return first
    return Unknown(f"several rules of the seccomp profile hold for {call}")


def _answer(action: str, number: int | None) -> str | Unknown:
    if action in _ALLOWED:
        return ""
    if action != "SCMP_ACT_ERRNO":
        return Unknown(f"the seccomp profile has {action} for it")
    given = errno.EPERM if number is None else number
    return errno.errorcode.get(given, str(given))


def _holds(conditions: Sequence[Mapping[str, Any]], arguments: Sequence[int]) -> bool:
    return all(
        _OPERATIONS[one["op"]](arguments[one["index"]], one["value"], one.get("valueTwo") or 0)
        for one in conditions
    )
