"""The values that inputs hand on: files, objects to judge, and a typed reason for whatever is not judged.

In: nothing. Out: the types of this room. Never reads anything itself.
"""

from typing import Any

import msgspec

from ..manifest.document import Document
from ..manifest.file_text import WHOLE, Stretch
from ..manifest.route import Route


class InputFile(msgspec.Struct, frozen=True):
    """A file to read: the name that messages carry, and its bytes, or those of one stretch of it."""

    file: str
    data: bytes
    stretch: Stretch = WHOLE


class InputObject(msgspec.Struct, frozen=True):
    """An object to judge: its document, the route of its root in it (`("items", 2)` in a List), its value.

    `kustomized`: a kustomization lists it, so that Kustomize may add what it leaves out.
    """

    document: Document
    route_prefix: Route
    value: Any
    kustomized: bool = False


class SkippedInput(msgspec.Struct, frozen=True):
    """Something that is not an object or was left out by choice; `document` None means the whole file."""

    file: str
    document: int | None
    line: int
    reason: str


class UnreadableInput(msgspec.Struct, frozen=True):
    """A file or a document that could not be read; the message says what to do."""

    file: str
    line: int
    column: int
    message: str
    document: int | None = None
