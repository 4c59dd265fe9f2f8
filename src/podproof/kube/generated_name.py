"""The name that a server makes of `generateName`, with x for each random letter.

Source: apiserver v0.37.2 pkg/storage/names/generate.go: names of 63 characters at most, five of them random.
"""

from typing import Any

__all__ = ["MAX_PREFIX", "generate_name", "generated_name"]

MAX_PREFIX = 63 - 5
"""Characters of the prefix that the name keeps."""


def generated_name(prefix: str) -> str:
    """Cut the prefix as the server does; x stands for each of the five random letters."""
    return f"{prefix[:MAX_PREFIX]}xxxxx"


def generate_name(object_: dict[str, Any]) -> None:
    """Name an object that only has a prefix; the server adds five random letters, x stands for them here.

    It does so before a Job's labels are made of its name.
    """
    metadata = object_.get("metadata")
    if metadata and metadata.get("generateName") and not metadata.get("name"):
        metadata["name"] = generated_name(metadata["generateName"])
