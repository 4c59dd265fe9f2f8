"""From a reference to the one image for a platform: its documents come out verified, its layers described.

Indexes are followed to the first image for the platform, as runtimes do it.
"""

from typing import Any

import msgspec

from ..archive import OtherPlatform, platform_of
from ..documents import list_of, mapping_of, parse_json
from ..limits import MAX_LAYERS, quoted
from .client import DIGEST, MANIFESTS, Descriptor, RemoteDocument, Repository
from .errors import PullError

__all__ = ["RemoteImage", "resolve"]

_MAX_NESTING = 4
"""Indexes inside indexes; real ones nest once."""

_MAX_ASKED = 40
"""Manifests that are asked for to find one platform; an index names its platforms in nearly all cases."""


class RemoteImage(msgspec.Struct, frozen=True):
    """An image in a registry.

    `top` is what its reference names: the manifest, or an index above it; `kind` is its media type.

    `documents` are all indexes, manifests and configurations that were read on the way, by digest.
    """

    top: RemoteDocument
    kind: str
    manifest: RemoteDocument
    config: Descriptor
    layers: tuple[Descriptor, ...]
    documents: dict[str, bytes]


def resolve(repository: Repository, object: str, platform: str) -> RemoteImage:
    """Find the image of a tag or digest for `os/architecture`.

    Raises PullError: it is not there, or its documents are wrong; OtherPlatform: there are only others.
    """
    return _Walk(repository, platform).resolve(object)


class _Walk:
    def __init__(self, repository: Repository, platform: str) -> None:
        self._repository, self._platform = repository, platform
        self._documents: dict[str, bytes] = {}
        self._others: dict[str, None] = {}
        self._where = f"{repository.registry}/{repository.path}"

    def resolve(self, object: str) -> RemoteImage:
        top = self._manifest(object)
        found = self._find(top, 0)
        if found is None:
            raise OtherPlatform(self._repository.reference, tuple(self._others), self._platform)
        manifest, config, layers = found
        return RemoteImage(top, _kind(top), manifest, config, layers, self._documents)

    def _manifest(self, object: str) -> RemoteDocument:
        if len(self._documents) >= 2 * _MAX_ASKED:
            raise PullError(f"{self._where}: more than {_MAX_ASKED} manifests to look for one platform")
        document = self._repository.manifest(object)
        self._documents[document.digest] = document.data
        return document

    def _find(
        self, document: RemoteDocument, depth: int
    ) -> tuple[RemoteDocument, Descriptor, tuple[Descriptor, ...]] | None:
        what = f"{self._where}: {document.digest}"
        parsed = mapping_of(parse_json(document.data, what), what)
        children = parsed.get("manifests")
        if not isinstance(children, list):
            return self._image(document, parsed, what)
        if depth >= _MAX_NESTING:
            raise PullError(f"{self._where}: indexes are nested deeper than {_MAX_NESTING}")
        for child in children:
            declared = mapping_of(child, what).get("platform")
            if isinstance(declared, dict) and (named := platform_of(declared)) != self._platform:
                self._others[named] = None
                continue
            found = self._find(self._manifest(_descriptor(child, what).digest), depth + 1)
            if found is not None:
                return found
        return None

    def _image(
        self, document: RemoteDocument, parsed: dict[str, Any], what: str
    ) -> tuple[RemoteDocument, Descriptor, tuple[Descriptor, ...]] | None:
        config = _descriptor(parsed.get("config"), what)
        data = self._repository.document(config)
        self._documents[config.digest] = data
        named = platform_of(mapping_of(parse_json(data, f"{self._where}: {config.digest}"), what))
        if named != self._platform:
            self._others[named] = None
            return None
        layers = list_of(parsed.get("layers"), f"{what}: layers")
        if len(layers) > MAX_LAYERS:
            raise PullError(f"{what}: has {len(layers)} layers, more than {MAX_LAYERS}")
        return document, config, tuple(_descriptor(layer, what) for layer in layers)


def _kind(document: RemoteDocument) -> str:
    """Give a document's media type, as it says itself, or as the registry does."""
    parsed = mapping_of(parse_json(document.data, document.digest), document.digest)
    for kind in (parsed.get("mediaType"), document.media_type):
        if isinstance(kind, str) and kind in MANIFESTS:
            return kind
    return MANIFESTS[0] if "manifests" in parsed else MANIFESTS[1]


def _descriptor(value: Any, what: str) -> Descriptor:
    described = mapping_of(value, f"{what}: descriptor")
    digest, size, kind = described.get("digest"), described.get("size"), described.get("mediaType")
    if not isinstance(digest, str) or not isinstance(size, int) or not 0 <= size < 2**50:
        raise PullError(f"{what}: a descriptor must have a digest and a size")
    if not DIGEST.match(digest):
        # it becomes part of a path, in a registry and in an archive
        raise PullError(f"{what}: digest {quoted(digest)} must be sha256 and 64 hexadecimal digits")
    if described.get("urls"):
        # other places for a layer would be the image's choice; no image of Linux needs them
        raise PullError(f"{what}: {digest} lies elsewhere, as its urls say")
    return Descriptor(digest, size, kind if isinstance(kind, str) else "")
