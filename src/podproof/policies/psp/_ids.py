"""What the strategies of user and group ids share: how ranges are printed, and the three rules of groups.

Source: kubernetes 1.24.17 pkg/security/podsecuritypolicy/group/{helpers,mustrunas,mayrunas}.go.
"""

from collections.abc import Sequence

from ...kube.field_error import Errors, invalid
from ...kube.go_format import Printed
from ...manifest.route import Route
from .policy import GroupStrategy, IDRange


def write_ranges(ranges: Sequence[IDRange]) -> str:
    """Print ranges as messages have them: `[{1 5} {7 7}]`."""
    return f"[{' '.join(map(str, ranges))}]"


def in_ranges(id_: int, ranges: Sequence[IDRange]) -> bool:
    """Say whether any of the ranges has the id."""
    return any(id_ in range_ for range_ in ranges)


def first_id(strategy: GroupStrategy | None) -> int | None:
    """Give the id that MustRunAs writes, the first range's lowest; None: the rule writes nothing."""
    return strategy.ranges[0].min if strategy is not None and strategy.rule == "MustRunAs" else None


def judge_groups(
    errors: Errors, strategy: GroupStrategy | None, groups: Sequence[int] | None, route: Route
) -> None:
    """Judge group ids; every one must be in some range. None and RunAsAny accept anything."""
    if strategy is None or strategy.rule == "RunAsAny":
        return
    shown = Printed("[]int64(nil)" if groups is None else f"[]int64{{{', '.join(map(str, groups))}}}")
    if strategy.rule == "MustRunAs" and not groups:
        invalid(errors, route, shown, "unable to validate empty groups against required ranges")
    for group in groups or ():
        if not in_ranges(group, strategy.ranges):
            detail = f"group {group} must be in the ranges: {write_ranges(strategy.ranges)}"
            invalid(errors, route, shown, detail)
