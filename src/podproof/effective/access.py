"""May a process read or write a file: owner, group and mode go in, yes, no or why it is not known comes out.

Source: linux fs/namei.c, acl_permission_check and generic_permission; capabilities(7).
"""

from collections.abc import Iterable

import msgspec

from .value import Unknown

__all__ = ["READ", "WRITE", "Process", "all_of", "may"]

READ, WRITE = 4, 2


class Process(msgspec.Struct, frozen=True, gc=False):
    """What decides about a process's rights to files. `capabilities` are the effective ones.

    `sure` are groups that it has in any case, also where not all of its groups are known.
    """

    uid: int | Unknown
    groups: tuple[int, ...] | Unknown
    capabilities: tuple[str, ...] | Unknown
    sure: frozenset[int] = frozenset()

    @property
    def overrides(self) -> bool:
        """Say whether it is known that no mode stops it: it has DAC_OVERRIDE."""
        return not isinstance(self.capabilities, Unknown) and "DAC_OVERRIDE" in self.capabilities


def may(process: Process, right: int, mode: int, owner: int, group: int) -> bool | Unknown:
    """Say whether a process may read (4) or write (2) what has this owner, group and mode."""
    by_owner, by_group, by_others = mode >> 6 & right, mode >> 3 & right, mode & right
    if process.overrides or (by_owner and by_group and by_others):
        return True
    capabilities = process.capabilities
    if right == READ and not isinstance(capabilities, Unknown) and "DAC_READ_SEARCH" in capabilities:
        return True
    if isinstance(process.uid, Unknown):
        return Unknown(f"depends on the user: {process.uid.reason}")
    if process.uid == owner:
        return bool(by_owner)
    if by_group == by_others:
        return bool(by_others)
    if group in process.sure:
        return bool(by_group)
    if isinstance(process.groups, Unknown):
        return Unknown(f"depends on the groups: {process.groups.reason}")
    return bool(by_group if group in process.groups else by_others)


def all_of(rights: Iterable[bool | Unknown | None]) -> bool | Unknown | None:
    """Join rights to several files: no where one is refused, None where there is none to join."""
    joined: bool | Unknown | None = None
    for right in rights:
        if right is False:
            return False
        if joined is None or isinstance(right, Unknown):
            joined = right
    return joined
