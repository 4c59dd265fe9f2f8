"""The CustomResourceDefinitions of Podproof's own kinds: nothing comes in, plain values go out.

They stand as YAML beside this module, so that they can be read. What an object of these kinds means is the
business of `admission`.
"""

from importlib.resources import files
from typing import Any

import yaml

__all__ = ["definition_texts", "definitions"]

_PLURALS = ("podsecuritypolicies", "podsecurityexemptions")


def definition_texts() -> list[str]:
    """Read the definitions as YAML, in the order in which they are printed."""
    folder = files(__package__)
    return [(folder / f"{plural}.yaml").read_text("utf-8") for plural in _PLURALS]


def definitions() -> list[dict[str, Any]]:
    """Read the definitions; each call gives values of its own."""
    return [yaml.safe_load(text) for text in definition_texts()]
