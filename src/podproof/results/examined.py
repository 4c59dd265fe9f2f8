"""What `doctor` found about a machine, for programs. Values only.

The schema `podproof/doctor/v1` is made from these types: fields are only ever added within v1.
"""

from typing import Literal

import msgspec

from ..runtimes.machine import Fact

__all__ = ["SCHEMA", "DoctorResult", "Fact"]

SCHEMA: Literal["podproof/doctor/v1"] = "podproof/doctor/v1"


class DoctorResult(msgspec.Struct, frozen=True):
    """What `podproof doctor --format json` prints; `works` says whether pods run on this machine."""

    schema: Literal["podproof/doctor/v1"]
    works: bool
    facts: tuple[Fact, ...]
