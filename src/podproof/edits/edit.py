"""One change to an object, and the changes that fix a finding: data only.

A place is a route counted from the object's root. Nothing here applies a change or decides about one.
"""

from typing import Any, Literal

import msgspec

from ..manifest.route import Route

__all__ = ["Edit", "Fix", "based"]


class Edit(msgspec.Struct, frozen=True, gc=False):
    """One change to an object: set or remove the value at `route`, which has at least one step.

    `value` is plain JSON data, and None (null) for a removal. To set a value makes the mappings above it
    where they are absent or null; in a list, the index behind the last item appends. To remove what is not
    there changes nothing. A removal from a list moves the items behind it, so that several of one list are
    made from its end.
    """

    route: Route
    operation: Literal["set", "remove"]
    value: Any = None


class Fix(msgspec.Struct, frozen=True, gc=False):
    """The edits that remove a finding, made in order.

    `safe` False: they can change what the workload does.
    """

    edits: tuple[Edit, ...]
    safe: bool = False


def based(fix: Fix, base: Route) -> Fix:
    """Count a fix's routes from where `base` is counted from, instead of from `base`."""
    return Fix(tuple([Edit(base + edit.route, edit.operation, edit.value) for edit in fix.edits]), fix.safe)
