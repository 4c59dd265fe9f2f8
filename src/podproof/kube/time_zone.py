"""Names of time zones, such as `Europe/Berlin`.

A name comes in, the words of Go for what is wrong with it go out.
Source: Go 1.26 time/zoneinfo.go, LoadLocation.
"""

__all__ = ["find_time_zone_problem"]


def find_time_zone_problem(name: str) -> str:
    """Say why Go cannot load a time zone, "" when it can; `Local` and the empty name are zones to Go."""
    if name in ("", "UTC", "Local"):
        return ""
    if ".." in name or name[0] in "/\\":
        return "time: invalid location name"
    from .tables.time_zones import TIME_ZONES  # few objects name one: late

    area, slash, place = name.partition("/")
    known = TIME_ZONES.get(area if slash else "", frozenset())
    return "" if (place if slash else name) in known else f"unknown time zone {name}"
