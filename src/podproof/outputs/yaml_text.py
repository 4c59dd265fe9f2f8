"""Writes values as YAML that is safe to look at: plain values come in, text goes out.

A character that would steer a terminal or hide stands as an escape within double quotes, so that the YAML
still says the same. Nothing here knows what the values mean.
"""

from collections.abc import Iterable
from typing import Any

import yaml

from .plain import UNSAFE, escaped

__all__ = ["write_yaml"]


class _EscapingDumper(yaml.SafeDumper):
    """Quotes a text that is to be escaped."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # of what PyYAML writes as it is, some would still be misread; a line feed alone is no reason to quote
    style = '"' if UNSAFE.search(text.replace("\n", "")) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_EscapingDumper.add_representer(str, _represent_text)


def write_yaml(values: Iterable[Any], *, sort_keys: bool, width: int) -> str:
    """Write a document for each value, in block style, with `---` between several."""
    documents = list(values)
    text = yaml.dump_all(
        documents,
        Dumper=_EscapingDumper,
        sort_keys=sort_keys,
        default_flow_style=False,
        allow_unicode=True,
        width=width,
    )
    return escaped(str(text))
