"""What admission changes in a pod, as a unified diff of YAML with the origin of every change.

An object as it was sent, the edits made to it and their origins come in; lines go out. The object is written
anew, so that only edits differ. Nothing here decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import unified_diff
from typing import Any

from ..edits.apply import apply_edits
from ..edits.edit import Edit
from ..manifest.document import Document
from ..manifest.reader import read

__all__ = ["pod_diff"]


def pod_diff(object_: Mapping[str, Any], edits: Sequence[tuple[Edit, str]], name: str) -> list[str]:
    """Write the diff; each added line that an edit begins with ends in `  # origin`."""
    before = _written(object_)
    edited = apply_edits(object_, (edit for edit, _ in edits))
    after = _written(edited)
    for index, origin in _origins("\n".join(after), edits).items():
        after[index] += f"  # {origin}"
    return list(unified_diff(before, after, f"{name} as sent", f"{name} as admitted", n=2, lineterm=""))


def _written(object_: Mapping[str, Any]) -> list[str]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes every repeated value in full: an alias would hide a change behind a name."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
            return True

    text = yaml.dump(_plain(object_), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return str(text).rstrip("\n").split("\n")


def _plain(value: Any) -> Any:
    """Copy to the types that can be written."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _origins(text: str, edits: Iterable[tuple[Edit, str]]) -> dict[int, str]:
    """Return the origin of each line, counted from 0, that an edit put there; the last edit counts."""
    documents = list(read("pod", text.encode("utf-8", "surrogateescape")))
    origins: dict[int, str] = {}
    if len(documents) != 1 or not isinstance(documents[0], Document):
        return origins
    for edit, origin in edits:
        if edit.operation != "set":
            continue
        route = edit.route
        value = edit.value
        # a list grows at its end: what is marked is the item that was added
        if isinstance(value, list) and value and route[-1] in ("volumes", "volumeMounts"):
            route = (*route, len(value) - 1)
        origins[documents[0].place(route, key=True).line - 1] = origin
    return origins
