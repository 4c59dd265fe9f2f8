"""The lock file: facts about images by reference, written once from archives and read without them.

Text goes in, image configurations come out, and back. What a file does not say stays unknown.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ..effective.image import ImageConfig
from ..manifest.document import Document
from ..manifest.reader import read
from ..manifest.route import Route, format_route
from .archive import DEFAULT_PLATFORM, read_archive
from .catalog import Catalog
from .errors import ImageError
from .layers import MAX_FILE_BYTES, MAX_FILE_LINES
from .reference import digest_of, normalize

__all__ = ["SCHEMA", "ArchivedFacts", "image_config", "parse_lock", "read_archived", "write_lock"]

SCHEMA = "podproof/images/v1"

_TEXTS = ("digest", "user", "working_directory", "set_id", "file_capabilities", "passwd", "group")
_WORDS = ("entrypoint", "command", "volumes", "exposed_ports", "nonempty")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}").fullmatch
_NO_DIGEST = "must be sha256: and 64 hexadecimal digits"
"""Source: OCI image specification, descriptor.md, registered algorithms."""


def parse_lock(path: str, data: bytes) -> Catalog:
    """Read the text of a lock file; `path` is for messages.

    Raises ImageError: it is not a lock file, or has a wrong entry.
    """
    documents = list(read(path, data))
    first = documents[0] if len(documents) == 1 else None
    if not isinstance(first, Document):
        broken = getattr(first, "message", "must be one YAML document")
        line = getattr(first, "line", 1)
        raise ImageError(f"{path}:{line}: {broken}")
    if first.duplicates:
        _fail(first, first.duplicates[0], "is set twice")
    value = first.value
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ImageError(f"{path}:{first.line}: schema must be {SCHEMA}")
    for key in value:
        if key not in ("schema", "images"):
            _fail(first, (key,), "is not a key of a lock file, known are schema, images")
    images = {} if value.get("images") is None else value["images"]
    if not isinstance(images, dict):
        _fail(first, ("images",), "must be a mapping of references")
    known = {str(name): _config(first, str(name), facts) for name, facts in images.items()}
    _agree(first, known)
    return Catalog(known)


def _agree(document: Document, known: dict[str, ImageConfig]) -> None:
    """Refuse facts that contradict each other: one image under two names, or beside another digest."""
    named: dict[str, str] = {}
    for name, config in known.items():
        other = named.setdefault(normalize(name), name)
        if known[other] != config:
            _fail(document, ("images", name), f"is the same image as {other}, and its facts are others")
        digest = digest_of(name)
        if digest and config.digest and digest != config.digest:
            _fail(document, ("images", name, "digest"), "is another one than that of the reference")


def _fail(document: Document, route: Route, problem: str) -> None:
    place = document.place(route, key=True)
    raise ImageError(f"{document.file}:{place.line}:{place.column}: {format_route(route)} {problem}")


def _config(document: Document, name: str, facts: object) -> ImageConfig:
    route: Route = ("images", name)
    if facts is None:
        return ImageConfig()
    if not isinstance(facts, dict):
        _fail(document, route, "must be a mapping")
        return ImageConfig()
    known_facts: dict[str, object] = {}
    for key, value in facts.items():
        if key not in _TEXTS and key not in _WORDS:
            from difflib import get_close_matches  # costs 10 ms to import: only for a message

            close = get_close_matches(str(key), (*_TEXTS, *_WORDS), 1)
            hint = f"did you mean {close[0]}" if close else f"known are {', '.join((*_TEXTS, *_WORDS))}"
            _fail(document, (*route, key), f"is not a key of an image, {hint}")
        if value is None:
            continue
        if key in _TEXTS and not isinstance(value, str):
            _fail(document, (*route, key), f"must be a string, has {value!r}: quote it")
        if key in _WORDS and not (isinstance(value, list) and all(isinstance(word, str) for word in value)):
            _fail(document, (*route, key), "must be a list of strings")
        if key in ("passwd", "group") and isinstance(value, str):
            _check_size(document, (*route, key), value)
        if key == "digest" and not _DIGEST(str(value)):
            _fail(document, (*route, key), f"{_NO_DIGEST}, has {value!r}")
        known_facts[key] = value
    return msgspec.convert(known_facts, ImageConfig)


def _check_size(document: Document, route: Route, text: str) -> None:
    if len(text) > MAX_FILE_BYTES:
        _fail(document, route, f"has {len(text)} characters, more than the {MAX_FILE_BYTES} allowed")
    if text.count("\n") > MAX_FILE_LINES:
        _fail(document, route, f"has {text.count(chr(10))} lines, more than the {MAX_FILE_LINES} allowed")


def image_config(reference: str, facts: object) -> ImageConfig:
    """Read an image's facts from plain data with the lock file's keys.

    Raises ImageError: a key or a type that a lock file would not have.
    """
    if isinstance(facts, ImageConfig):
        return facts
    if not isinstance(facts, dict):
        raise ImageError(f"image {reference!r}: must be a mapping, has {facts!r}")
    for key, value in facts.items():
        if key not in _TEXTS and key not in _WORDS:
            raise ImageError(
                f"image {reference!r}: {key!r} is not a key, known are {', '.join((*_TEXTS, *_WORDS))}"
            )
        if key in _TEXTS and not isinstance(value, str | None):
            raise ImageError(f"image {reference!r}: {key} must be a string, has {value!r}")
        if key == "digest" and value is not None and not _DIGEST(value):
            raise ImageError(f"image {reference!r}: digest {_NO_DIGEST}, has {value!r}")
    try:
        return msgspec.convert(facts, ImageConfig)
    except msgspec.ValidationError as error:
        raise ImageError(f"image {reference!r}: {error}") from error


class ArchivedFacts(msgspec.Struct, frozen=True):
    """What archives say: facts by full reference and by digest, and the names in their order."""

    known: Mapping[str, ImageConfig]
    named: tuple[str, ...]

    def find(self, reference: str) -> ImageConfig | None:
        """Give the facts of an image, by its name or by its digest; None: no archive has it."""
        return self.known.get(normalize(reference)) or self.known.get(digest_of(reference) or "")


def read_archived(archives: Iterable[str | Path], *, platform: str = DEFAULT_PLATFORM) -> ArchivedFacts:
    """Read the images of archives. Raises ImageError: an archive cannot be read, or contradicts another."""
    known: dict[str, ImageConfig] = {}
    named: dict[str, None] = {}
    for archive in archives:
        for image in read_archive(archive, platform=platform):
            for reference in image.references:
                if known.get(normalize(reference), image.config) != image.config:
                    raise ImageError(f"{archive}: has another {reference} than an archive before it")
                known[normalize(reference)] = image.config
                named[reference] = None
            if image.config.digest:
                known[image.config.digest] = image.config
    return ArchivedFacts(known, tuple(named))


def write_lock(images: dict[str, ImageConfig]) -> str:
    """Write the text of a lock file, sorted by reference; unknown facts are left out."""
    lines = [f"schema: {SCHEMA}", "images:" if images else "images: {}"]
    for reference in sorted(images):
        facts = msgspec.structs.asdict(images[reference])
        written = [key for key in (*_TEXTS[:2], *_WORDS, *_TEXTS[2:]) if facts[key] is not None]
        lines.append(f"  {_quoted(reference)}:" if written else f"  {_quoted(reference)}: {{}}")
        for key in written:
            lines += _written(key, facts[key])
    return "\n".join(lines) + "\n"


def _written(key: str, value: str | tuple[str, ...]) -> list[str]:
    if isinstance(value, tuple):
        return [f"    {key}: [{', '.join(map(_quoted, value))}]"]
    plain = value.isascii() and value.replace("\n", "").isprintable() and not value.startswith((" ", "\n"))
    if key in ("passwd", "group") and plain and value.endswith("\n") and not value.endswith("\n\n"):
        return [f"    {key}: |", *(f"      {line}" if line else "" for line in value[:-1].split("\n"))]
    return [f"    {key}: {_quoted(value)}"]


_NO_CHARACTER = re.compile("[\ud800-\udfff]")
"""What stands for bytes that are not UTF-8, and for halves of a surrogate pair; YAML cannot contain them."""

_NOT_PLAIN = re.compile("[^ -~]")


def _quoted(text: str) -> str:
    """Write a double-quoted YAML scalar in ASCII; U+FFFD stands for what is not a character.

    JSON quotes alike, but for characters beyond U+FFFF: it writes a pair, which YAML does not read as one.
    """
    quoted = json.dumps(_NO_CHARACTER.sub("\ufffd", text), ensure_ascii=False)
    return _NOT_PLAIN.sub(_escaped, quoted)


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
