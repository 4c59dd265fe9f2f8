"""Shortens the names of images where a line has no room for them: what tells images apart stays."""

from collections.abc import Iterator, Sequence

from .plain import width

__all__ = ["shorten_images"]

_DIGITS = 12
"""Hexadecimal digits of a digest that are shown, as docker and podman show them."""


def shorten_images(images: Sequence[str], room: int) -> str:
    """Write images beside each other, no shorter than `room` needs; it may be wider all the same.

    First digests lose their rest, then names the folders between registry and repository.
    """
    shown = ""
    for names in _shorter(images):
        shown = ", ".join(names)
        if width(shown) <= room:
            break
    return shown


def _shorter(images: Sequence[str]) -> Iterator[Sequence[str]]:
    yield images
    images = [_without_digest(image) for image in images]
    yield images
    yield [_without_folders(image) for image in images]


def _without_digest(image: str) -> str:
    name, at, digest = image.partition("@")
    algorithm, colon, digits = digest.partition(":")
    return f"{name}@{algorithm}:{digits[:_DIGITS]}…" if at and colon and len(digits) > _DIGITS else image


def _without_folders(image: str) -> str:
    name, at, digest = image.partition("@")
    first, *folders, last = name.split("/") if "/" in name else ("", name)
    return f"{first}/…/{last}{at}{digest}" if folders else image
