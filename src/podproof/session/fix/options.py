"""What somebody asks of `fix`: names and numbers come in, FixOptions go out, or a UsageError."""

from collections.abc import Iterable, Mapping

import msgspec

from ...checks.model.catalogue import all_checks
from ...checks.model.effect import EffectCheck
from ...errors import UsageError
from ...findings import ContainerRef
from ...fixes.change import KINDS, ChangeKind
from ...fixes.users import ChosenUser, UidRange
from ...fixes.volumes import Written

__all__ = ["FixOptions", "Tried", "make_fix_options"]

_LAST_USER = 2**31 - 1
"""The greatest user that the API server takes. Source: k8s.io/apimachinery, pkg/util/validation."""


class Tried(msgspec.Struct, frozen=True):
    """What trial runs of an object have shown so far.

    `taken_back` are changes that are not made, by their words and container. `written` are folders that
    need a volume, and `users` those that can write where the program has to.
    """

    taken_back: frozenset[tuple[object, ...]] = frozenset()
    written: Mapping[ContainerRef, Written] = {}
    users: Mapping[ContainerRef, ChosenUser] = {}


class FixOptions(msgspec.Struct, frozen=True):
    """What somebody asked for: the kinds of changes, and the users that may be guessed.

    `asked` are checks that were named: what they find is mended even if it is no error.
    """

    kinds: frozenset[ChangeKind] = frozenset(("same", "tighter", "guess"))
    uids: UidRange = UidRange()
    asked: frozenset[str] = frozenset()
    tried: Tried = Tried()


def make_fix_options(
    only: Iterable[str],
    *,
    no_guess: bool,
    uid_range: tuple[int, int],
    select: Iterable[str] = (),
    all_advice: bool = False,
) -> FixOptions:
    """Read the kinds of changes, the users that may be guessed, and what is mended though it is no error.

    `only` without a name: all kinds. What is selected is mended, and with `all_advice` all that is advised,
    or without effect.
    Raises UsageError: a kind is unknown, or the range has no user other than root.
    """
    chosen = tuple(only)
    if unknown := [kind for kind in chosen if kind not in KINDS]:
        raise UsageError(f"only takes {', '.join(KINDS)}, not {unknown[0]}")
    kinds = frozenset(kind for kind in KINDS if not chosen or kind in chosen)
    first, last = _pair(uid_range)
    if not 0 < first <= last <= _LAST_USER:
        raise UsageError(f"the range of users must be two from 1 to {_LAST_USER}, such as 10000 and 59999")
    return FixOptions(
        kinds - {"guess"} if no_guess else kinds, UidRange(first, last), _asked(select, all_advice)
    )


def _asked(select: Iterable[str], all_advice: bool) -> frozenset[str]:
    advice = (check.id for check in all_checks() if isinstance(check, EffectCheck)) if all_advice else ()
    return frozenset((*select, *advice))


def _pair(uid_range: object) -> tuple[int, int]:
    """Give both ends of a range; 0 and 0, which is none, for anything else."""
    if isinstance(uid_range, tuple | list) and len(uid_range) == 2:
        first, last = uid_range
        if type(first) is int and type(last) is int:
            return first, last
    return 0, 0
