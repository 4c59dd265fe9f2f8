"""What reading costs: values, and the places of nine fields, by the native reader and by Python alone.

The documents are those of examples/shop. Times are of the processor, for one document.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from podproof.manifest.document import Document, EmptyDocument, UnreadableDocument
from podproof.manifest.file_text import FileText
from podproof.manifest.limits import DEFAULT
from podproof.manifest.native import describe_reader, native_reader, read_natively
from podproof.manifest.split import split
from podproof.manifest.yaml_text import read_yaml

ROUNDS = 15
REPEATS = 20
SHOP = Path(__file__).resolve().parents[1] / "examples" / "shop"
FIELDS = ("containers", "securityContext", "volumes", "serviceAccountName", "hostNetwork")

Read = Callable[[bytes], Document | UnreadableDocument | EmptyDocument | None]


def run() -> Iterator[str]:
    """Time both readers in rounds that take turns."""
    yield f"YAML is read by {describe_reader()}"
    bodies = [body for path in sorted(SHOP.rglob("*.yaml")) for body in _documents(path)]
    yield f"{len(bodies)} documents, {sum(map(len, bodies)) // len(bodies)} bytes on average"
    readers: dict[str, Read] = {"Python": _by_python}
    if native_reader() is not None:
        readers["native"] = _natively
    times: dict[str, list[float]] = {}
    gc.disable()
    for _ in range(ROUNDS):
        for name, read in readers.items():
            for what, look in (("values", False), ("values and places", True)):
                times.setdefault(f"{name}: {what}", []).append(_time(read, bodies, look=look))
    gc.enable()
    for name, measured in times.items():
        yield f"{name:26} {statistics.median(measured):6.1f} µs"


def _documents(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    return (data[start:end] for start, end, _ in split(data))


def _natively(body: bytes) -> Document | None:
    return read_natively("f.yaml", 1, FileText(body), 0, body, 1, DEFAULT)


def _by_python(body: bytes) -> Document | UnreadableDocument | EmptyDocument:
    return read_yaml("f.yaml", 1, FileText(body), 0, body, body.decode(), 1, DEFAULT)


def _time(read: Read, bodies: list[bytes], *, look: bool) -> float:
    begun = time.process_time()
    for _ in range(REPEATS):
        for body in bodies:
            document = read(body)
            if look and isinstance(document, Document):
                for field in FIELDS:
                    document.place(("spec", "template", "spec", field), key=True)
                for field in ("image", "securityContext", "ports", "resources"):
                    document.place(("spec", "template", "spec", "containers", 0, field))
    return (time.process_time() - begun) / REPEATS / len(bodies) * 1e6
