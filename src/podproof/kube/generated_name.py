"""The name that a server makes of `generateName`, with x for each random letter.

Source: apiserver v0.37.2 pkg/storage/names/generate.go: names of 63 characters at most, five of them random.
"""

__all__ = ["MAX_PREFIX", "generated_name"]

MAX_PREFIX = 63 - 5
"""Characters of the prefix that the name keeps."""


def generated_name(prefix: str) -> str:
    """Cut the prefix as the server does; x stands for each of the five random letters."""
    return f"{prefix[:MAX_PREFIX]}xxxxx"
