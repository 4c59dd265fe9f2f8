"""The attack helper as bytes: a machine's name comes in, the executable that runs on it goes out.

The helper is `machine.c`, built once and kept beside its source: 1.5 kB, static, without a C library, so that
it runs in scratch images too. `tools/generate_helper.py` builds it; nothing here compiles or runs anything.
"""

from importlib.resources import files

from ...errors import PodproofError

__all__ = ["ARCHITECTURES", "HelperError", "helper"]

ARCHITECTURES = ("x86_64", "aarch64")
"""The machines, as uname(2) names them, that a helper is there for."""


class HelperError(PodproofError):
    """Says that there is no helper for this machine."""


def helper(architecture: str) -> bytes:
    """Give the executable for a machine as uname(2) names it. Raises HelperError: there is none for it."""
    if architecture not in ARCHITECTURES:
        raise HelperError(
            f"no attack helper for machine {architecture!r}, there is one for {' and '.join(ARCHITECTURES)}"
        )
    return files(__package__).joinpath(f"machine-{architecture}").read_bytes()
