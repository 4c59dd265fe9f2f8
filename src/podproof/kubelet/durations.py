"""Ages as kubectl prints them: `5s`, `3m12s`, `4h`.

Source: k8s.io/apimachinery pkg/util/duration, HumanDuration.
"""

__all__ = ["human_duration"]

_MINUTE, _HOUR, _DAY, _YEAR = 60, 3600, 86400, 86400 * 365


def human_duration(seconds: float) -> str:
    """Write a duration in at most two units; what lies up to two seconds in the future is `0s`."""
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 2 * _MINUTE:
        return f"{max(whole, 0)}s"
    for limit, unit, name, second in (
        (10 * _MINUTE, _MINUTE, "m", (1, "s")),
        (3 * _HOUR, _MINUTE, "m", None),
        (8 * _HOUR, _HOUR, "h", (_MINUTE, "m")),
        (2 * _DAY, _HOUR, "h", None),
        (8 * _DAY, _DAY, "d", (_HOUR, "h")),
        (2 * _YEAR, _DAY, "d", None),
        (8 * _YEAR, _YEAR, "y", (_DAY, "d")),
    ):
        if whole < limit:
            first = f"{whole // unit}{name}"
            if second is None or whole % unit < second[0]:
                return first
            return f"{first}{whole % unit // second[0]}{second[1]}"
    return f"{whole // _YEAR}y"
