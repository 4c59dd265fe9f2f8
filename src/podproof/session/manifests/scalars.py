"""Strings as YAML scalars: text comes in, what every reader takes for that string goes out."""

import json

import yaml

__all__ = ["flow_list", "scalar"]


def scalar(text: str) -> str:
    """Write a string plain where it cannot be taken for anything else, else in quotes."""
    return text if len(text) > 1 and yaml.safe_load(text) == text else json.dumps(text)


def flow_list(texts: tuple[str, ...]) -> str:
    """Write strings as a list in one line."""
    return f"[{', '.join(map(scalar, texts))}]"
