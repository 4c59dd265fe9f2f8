"""The two structures of capget(2) and capset(2), version 3: sets as two 32-bit words each."""

import struct

from ..effective.linux_capabilities import CAPABILITIES
from .model.program import Data, Script

__all__ = ["bit_of", "raise_all", "show_effective"]

_VERSION_3 = 0x20080522
"""Source: linux include/uapi/linux/capability.h, _LINUX_CAPABILITY_VERSION_3."""

_WORD = 4
_SETS = 12  # effective, permitted, inheritable: the low words first, then the high ones


def _header(script: Script) -> Data:
    return script.block(struct.pack("<Ii", _VERSION_3, 0), "{version 3, self}")


def bit_of(name: str) -> tuple[int, int]:
    """Give the word (0 or 1) and the bit in it that stand for a capability."""
    return divmod(CAPABILITIES.index(name), 32)


def show_effective(script: Script, name: str, *, step: str) -> None:
    """Ask for the sets, and show the word of the effective one in which this capability is."""
    data = script.block(bytes(2 * _SETS), "sets")
    script.quietly("capget", _header(script), data)
    word, _ = bit_of(name)
    script.show(data, word * _SETS, _WORD, step=step, call=f"capget(self).effective[{word}]")


def raise_all(script: Script, name: str) -> None:
    """Ask the kernel to add one capability to the effective and permitted sets that are there now."""
    data = script.block(bytes(2 * _SETS), f"{{effective and permitted with {name}}}")
    header = _header(script)
    script.quietly("capget", header, data)
    word, bit = bit_of(name)
    for at in (word * _SETS, word * _SETS + _WORD):
        script.set_bit(data, at, bit)
    script.call("capset", header, data)
