"""The CustomResourceDefinitions of Podproof's own kinds: nothing comes in, plain values go out.

They stand as YAML beside this module, so that they can be read. What an object of these kinds means is the
business of `admission`.
"""

from importlib.resources import files
from typing import Any

import yaml

__all__ = ["definitions"]

_PLURALS = ("podsecuritypolicies", "podsecurityexemptions")


def definitions() -> list[dict[str, Any]]:
    """Read the definitions, in the order in which they are printed; each call gives values of its own."""
    folder = files(__package__)
    return [yaml.safe_load((folder / f"{plural}.yaml").read_text("utf-8")) for plural in _PLURALS]
