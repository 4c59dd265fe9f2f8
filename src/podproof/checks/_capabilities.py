"""What the two capabilities controls share: the places of what is added and may not be."""

from collections.abc import Collection, Iterator

from ..edits.edit import Fix
from ..kube.pod import Container
from ._text import who
from .model.pod_security import Spot, remove_value, set_value

_ADD = ("securityContext", "capabilities", "add")


def added_spots(containers: list[Container], allowed: Collection[str], label: str) -> Iterator[Spot]:
    """Give a place for each added capability that is not allowed; the fix leaves the allowed ones.

    Runtimes take names in any case, the control does not: `chown` becomes `CHOWN`, which is no change.
    """
    for c in containers:
        sc = c.security_context
        add = (sc.capabilities.add if sc is not None and sc.capabilities is not None else None) or ()
        rest = list(dict.fromkeys(name.upper() for name in add if name.upper() in allowed))
        fix = set_value(_ADD, rest) if rest else remove_value(_ADD)
        if all(name.upper() in allowed for name in add):
            fix = Fix(fix.edits, safe=True)
        for i, name in enumerate(add):
            if name not in allowed:
                yield Spot(c, (*_ADD, i), f'{who(c)} must not add the capability "{name}"', label, fix)
