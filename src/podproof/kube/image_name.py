"""Image names: which tag an image has when none is written.

An image as a manifest writes it comes in, its tag goes out. It never asks a registry.
Source: kubernetes 1.37.2 pkg/util/parsers ParseImageName; github.com/distribution/reference regexp.go and
normalize.go.
"""

import re
from functools import lru_cache

_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_HOST_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = rf"({_HOST})/({_PART}(?:/{_PART})*)(?::(\w[\w.-]{{0,127}}))?(?:@({_DIGEST}))?"
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_MAX_NAME = 255  # characters of host and path


@lru_cache(maxsize=256)
def image_tag(image: str) -> str | None:
    """Give the image's tag: `latest` when it has neither tag nor digest, "" when it has a digest only.

    None: the name is malformed, and the API server goes on as if it had a tag.
    """
    if re.fullmatch(r"[a-f0-9]{64}", image):
        return None
    head, slash, rest = image.partition("/")
    if not slash or not ("." in head or ":" in head or head == "localhost" or head.lower() != head):
        head, rest = "docker.io", image
    if head == "index.docker.io":
        head = "docker.io"
    if head == "docker.io" and "/" not in rest:
        rest = f"library/{rest}"
    path = rest.partition(":")[0]
    if path.lower() != path:
        return None
    match = re.fullmatch(_REFERENCE, f"{head}/{rest}", re.ASCII)
    if match is None or len(match[1]) + 1 + len(match[2]) > _MAX_NAME:
        return None
    tag, digest = match[3] or "", match[4] or ""
    if digest:
        algorithm, _, value = digest.partition(":")
        if _DIGEST_LENGTHS.get(algorithm) != len(value) or value.lower() != value:
            return None
    return tag if tag or digest else "latest"


def default_pull_policy(image: str) -> str:
    """Say which imagePullPolicy the API server fills in."""
    return "Always" if image_tag(image) == "latest" else "IfNotPresent"
