"""Which attacks a proof tries: ids go in, the attacks of the room `attacks` come out."""

from collections.abc import Iterable
from functools import cache

from ... import attacks as room
from ...attacks.model.attack import Attack
from ...errors import UsageError
from ...registry import members

__all__ = ["all_attacks", "chosen_attacks"]


@cache
def all_attacks() -> tuple[Attack, ...]:
    """Give every attack, sorted by its module's name. Raises RegistryError: a module of the room has none."""
    return members(room, "ATTACK", Attack)


def chosen_attacks(ids: Iterable[str]) -> tuple[Attack, ...]:
    """Give the attacks of these ids, all for none. Raises UsageError: there is no such attack."""
    wanted = tuple(ids)
    known = {attack.id: attack for attack in all_attacks()}
    for id in wanted:
        if id not in known:
            from difflib import get_close_matches

            close = get_close_matches(id, known, 2, 0.4)
            hint = f", did you mean {' or '.join(close)}?" if close else ""
            raise UsageError(f"no such attack: {id}{hint} (podproof prove --list-attacks)")
    return tuple(attack for attack in known.values() if not wanted or attack.id in wanted)
