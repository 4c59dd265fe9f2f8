"""Image names: their parts, and which tag an image has when none is written.

An image as a manifest writes it comes in, name, tag and digest go out, or the words of Go's parser. It never
asks a registry.
Source: github.com/distribution/reference v0.6, normalize.go, reference.go, regexp.go; kubernetes 1.37.2
pkg/util/parsers/parsers.go.
"""

import re
from functools import lru_cache

import msgspec

from ..pattern import pattern
from .go_format import quote

__all__ = [
    "ImageName",
    "ImageNameError",
    "default_pull_policy",
    "full_name",
    "image_tag",
    "parse_image_name",
    "with_default_tag",
]

_MAX_PATH = 255
"""Source: reference.go, RepositoryNameTotalLengthMax."""

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*"
_PATH = rf"{_PART}(?:/{_PART})*"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*[:][0-9a-fA-F]{32,}"
_ORDINARY = pattern(r"([a-z0-9]+(?:[._/-][a-z0-9]+)*)(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?\Z")
"""Most names: no port, no digest, no capital letter. The other patterns take long to compile."""
_SHORT = 64
"""Characters that an ordinary name has fewer of: so many hexadecimal digits are an identifier."""
_REFERENCE = pattern(rf"((?:{_HOST}/)?{_PATH})(?::([\w][\w.-]{{0,127}}))?(?:@({_DIGEST}))?\Z", re.ASCII)
_NAME = pattern(rf"(?:({_HOST})/)?({_PATH})\Z", re.ASCII)
_IDENTIFIER = pattern(r"[a-f0-9]{64}\Z")

_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
"""Hexadecimal digits of the algorithms that Go's digest package knows. Source: opencontainers/go-digest."""


class ImageNameError(ValueError):
    """Says why a text is not an image name, in the words of Go's parser."""


class ImageName(msgspec.Struct, frozen=True):
    """A parsed name. `name` is written in full (`docker.io/library/nginx`); `digest` is "" without one.

    `tag` is `latest` when the text has neither tag nor digest; `tagged` tells whether the text has one.
    """

    name: str
    tag: str
    digest: str
    tagged: bool


def _split_registry(name: str) -> tuple[str, str]:
    """Split a name, tag and digest included, into registry and rest; what has no registry is docker.io's.

    Source: normalize.go, splitDockerDomain.
    """
    first, slash, rest = name.partition("/")
    if not slash:
        return "docker.io", f"library/{name}"
    if first == "index.docker.io":
        first = "docker.io"
    elif first != "localhost" and "." not in first and ":" not in first and first.lower() == first:
        return "docker.io", name
    if first == "docker.io" and "/" not in rest:
        rest = f"library/{rest}"
    return first, rest


def parse_image_name(text: str) -> ImageName:
    """Parse a reference as a manifest has it. Raises ImageNameError."""
    if len(text) < _SHORT:
        ordinary = _parse_ordinary(text)
        if ordinary is not None:
            return ordinary
    if _IDENTIFIER.match(text):
        raise ImageNameError(f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings")
    registry, rest = _split_registry(text)
    path = rest.partition(":")[0]
    if path.lower() != path:
        raise ImageNameError(f"invalid reference format: repository name ({path}) must be lowercase")
    whole = f"{registry}/{rest}"
    match = _REFERENCE.match(whole)
    if match is None:
        if _REFERENCE.match(whole.lower()):
            raise ImageNameError("repository name must be lowercase")
        raise ImageNameError("invalid reference format")
    name, tag, digest = match[1], match[2] or "", match[3] or ""
    named = _NAME.match(name)
    if len(named[2] if named else name) > _MAX_PATH:
        raise ImageNameError(f"repository name must not be more than {_MAX_PATH} characters")
    if digest:
        _check_digest(digest)
    return ImageName(name, tag or ("" if digest else "latest"), digest, bool(tag))


def _parse_ordinary(text: str) -> ImageName | None:
    """Parse a name of the usual form; None: it has another one, and may be malformed."""
    match = _ORDINARY.match(text)
    if match is None:
        return None
    registry, rest = _split_registry(match[1])
    if "_" in registry:
        return None
    return ImageName(f"{registry}/{rest}", match[2] or "latest", "", match[2] is not None)


def _check_digest(digest: str) -> None:
    algorithm, _, value = digest.partition(":")
    if algorithm not in _DIGEST_LENGTHS:
        raise ImageNameError("unsupported digest algorithm")
    if len(value) != _DIGEST_LENGTHS[algorithm]:
        raise ImageNameError("invalid checksum digest length")
    if value.lower() != value:
        raise ImageNameError("invalid checksum digest format")


def with_default_tag(text: str) -> str:
    """Add `:latest` to a name that has neither tag nor digest; a short name stays short.

    Raises ImageNameError, its text as the kubelet puts it.
    Source: kubernetes pkg/kubelet/images/image_manager.go, applyDefaultImageTag.
    """
    try:
        parsed = parse_image_name(text)
    except ImageNameError as error:
        raise ImageNameError(f"couldn't parse image name {quote(text)}: {error}") from error
    if parsed.digest or text.endswith(f":{parsed.tag}"):
        return text
    return f"{text}:{parsed.tag}"


def full_name(text: str) -> str:
    """Write a reference as runtimes store it: with registry, and a tag or a digest. Raises ImageNameError.

    Source: normalize.go, ParseDockerRef.
    """
    parsed = parse_image_name(text)
    return f"{parsed.name}@{parsed.digest}" if parsed.digest else f"{parsed.name}:{parsed.tag}"


@lru_cache(maxsize=256)
def image_tag(image: str) -> str | None:
    """Give the image's tag: `latest` when it has neither tag nor digest, "" when it has a digest only.

    None: the name is malformed, and the API server goes on as if it had a tag.
    """
    if len(image) < _SHORT:
        ordinary = _ORDINARY.match(image)
        if ordinary is not None and "_" not in image.partition("/")[0]:
            return ordinary[2] or "latest"
    try:
        return parse_image_name(image).tag
    except ImageNameError:
        return None


def default_pull_policy(image: str) -> str:
    """Say which imagePullPolicy the API server fills in."""
    return "Always" if image_tag(image) == "latest" else "IfNotPresent"
