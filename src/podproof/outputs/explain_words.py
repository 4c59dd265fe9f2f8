"""The words that every format of `explain` shares: one explained container in, sentences out.

Rows tell field, value and who set it; the last block tells what the process will be and whether it starts.
Everything that comes out is straight, printable text of one line. Nothing is laid out here.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from ..effective.context import VolumeOwnership
from ..effective.value import Unknown
from ..effective.windows import WINDOWS
from ..results.explained import (
    Explained,
    ExplainedContainer,
    ExplainedObject,
    ExplainedOrigin,
    ExplainedProcess,
)
from .dumps import shorten_dumps
from .plain import one_line

__all__ = [
    "ExplainedRow",
    "Hints",
    "containers",
    "debug_lines",
    "hints",
    "process_lines",
    "rows",
    "start_line",
    "title",
]


class ExplainedRow(msgspec.Struct, frozen=True):
    """One field. `items` are the parts of a list's value (empty for others); `value` is all in one line."""

    name: str
    value: str
    who: str
    items: tuple[str, ...] = ()


def containers(explained: Explained) -> Iterator[tuple[ExplainedObject, ExplainedContainer]]:
    """Walk all containers, each with its object."""
    for entry in explained.objects:
        for container in entry.containers:
            yield entry, container


def title(entry: ExplainedObject, container: ExplainedContainer) -> str:
    """Name a container: `Deployment shop/web · container nginx · image nginx:1.27`."""
    name = "/".join(part for part in (entry.namespace, entry.name) if part) or "(no name)"
    kind = "" if container.kind == "container" else f" ({container.kind})"
    image = f" · image {container.image}" if container.image else ""
    which = container.name or "(no name)"
    return one_line(f"{entry.kind} {name} · container {which}{kind}{image}")


def rows(
    entry: ExplainedObject, container: ExplainedContainer, only: str | None = None
) -> Iterator[ExplainedRow]:
    """Give the container's fields, or the one that is named `only`.

    A reason that was given for one field is not repeated for others.
    """
    given: dict[str, str] = {}
    for name, field in container.fields.items():
        if only is not None and name != only:
            continue
        value, origin = field.value, field.origin
        reason = unknown(value)
        if reason is not None:
            yield ExplainedRow(name, "unknown", one_line(_once(reason, name, given, _place(origin, entry))))
        else:
            items = _items(value)
            shown = ", ".join(items) if items else words(value)
            yield ExplainedRow(name, one_line(shown), one_line(_who(origin, entry)), items)


def _once(reason: str, name: str, given: dict[str, str], place: str) -> str:
    for earlier, field in given.items():
        if reason == earlier or reason.endswith(f": {earlier}"):
            return f"depends on {field}"
    given[reason] = name
    return f"{reason} ({place})" if place else reason


def _place(origin: ExplainedOrigin, entry: ExplainedObject) -> str:
    if not origin.line:
        return origin.route or ""
    return f"line {origin.line}" if origin.file == entry.file else f"{origin.file}:{origin.line}"


def _who(origin: ExplainedOrigin, entry: ExplainedObject) -> str:
    kind, text = origin.kind, origin.text
    place = _place(origin, entry)
    if kind in ("runtime", "image", "policy") and text:
        return f"{text} ({place})" if place else str(text)
    who: str = "Kubernetes" if kind == "kubernetes" else kind
    if place:
        who = f"{who}, {place}"
    return f"{who}: {text}" if text else who


def unknown(value: Any) -> str | None:
    """Give the reason why a value is not known; None when it is."""
    return value.reason if isinstance(value, Unknown) else None


def words(value: Any) -> str:
    """Write a value for people."""
    if unknown(value) is not None:
        return "unknown"
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | tuple):
        return ", ".join(_items(value)) or "none"
    return str(value)


def _items(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(one_line(f"{key}={entry}") for key, entry in value.items())
    if not isinstance(value, tuple):
        return ()
    items = tuple([item if item.__class__ is str else _item(item) for item in value])
    whole = "".join(items)
    return items if one_line(whole) == whole else tuple(map(one_line, items))


def _item(item: Any) -> str:
    if isinstance(item, VolumeOwnership):
        at = f" at {' and '.join(item.paths)}" if item.paths else ""
        return f"{item.name} ({item.source}){at}: {item.text}"
    return item if isinstance(item, str) else json.dumps(item)


def process_lines(container: ExplainedContainer) -> Iterator[str]:
    """Tell what the process will be: ids, capabilities, what it can write, what stops it."""
    process = container.process
    if (unknown(process.uid) or "").startswith(WINDOWS):
        yield "the process will be one of Windows: windowsOptions and the image decide, no Linux field"
        return
    ids = f"{words(process.uid)}:{words(process.gid)}"
    yield f"the process will be {ids}, groups {words(process.groups)}"
    why = _root(container)
    if why:
        yield one_line(why)
    yield from _capabilities(process, privileged=_is_true(container, "privileged"))
    yield one_line(f"it can write: {_writable(process)}")
    yield one_line(f"what stops it: {'; '.join(_barriers(process)) or 'file permissions alone'}")


def _root(container: ExplainedContainer) -> str:
    """Say why a container is root, or may be; empty when it is not."""
    field, process = container.fields.get("runAsUser"), container.process
    if field is None:
        return ""
    reason = unknown(process.uid)
    if reason is not None and (container.start.starts is not False or container.start.reason in _DENIALS):
        if _is_true(container, "runAsNonRoot"):
            return f"it is not root if it starts, for runAsNonRoot is true: {reason}"
        return f"it may be root: {reason}; set runAsUser to decide it here"
    if process.uid != 0 or reason is not None:
        return ""
    origin = field.origin
    cause = origin.text or (f"{origin.route} is 0" if origin.route else origin.kind)
    inside = "" if process.namespaces.user == "host" else " (on the node an ordinary user)"
    return f"it is root{inside}, because {cause}; a runAsUser other than 0 changes that"


def _is_true(container: ExplainedContainer, name: str) -> bool:
    """Tell whether a field is shown and known to be true."""
    field = container.fields.get(name)
    return field is not None and field.value is True


def _capabilities(process: ExplainedProcess, *, privileged: bool) -> Iterator[str]:
    sets = process.capabilities
    effective, bounding = sets.effective, sets.bounding
    rest = [name for name in ("inheritable", "ambient") if getattr(sets, name) != ()]
    also = "".join(f"; {name} {words(getattr(sets, name))}" for name in rest)
    if effective == bounding:
        yield f"capabilities: effective, permitted and bounding {_counted(effective)}{also}"
        return
    although = ", although privileged, for the user is not root" if privileged and effective == () else ""
    held = f"{_counted(effective)}{although}"
    yield f"capabilities: effective and permitted {held}; bounding {_counted(bounding)}{also}"
    if effective == () and bounding and not process.no_new_privs:
        yield "a set-user-ID file or a file with capabilities gives it back what is in the bounding set"


def _counted(names: Any) -> str:
    if not isinstance(names, tuple) or len(names) < 4:
        return words(names)
    return f"{len(names)} ({', '.join(names)})"


def _writable(process: ExplainedProcess) -> str:
    paths = process.writable_paths
    reason = unknown(paths)
    if reason is not None:
        return f"unknown, it {reason.partition(':')[0]}"
    if not paths:
        return "nothing"
    return f"{words(paths)}, as far as file permissions allow"


def _barriers(process: ExplainedProcess) -> Iterator[str]:
    if process.no_new_privs:
        yield "no_new_privs, so that no set-user-ID file gives it more"
    if process.read_only_root:
        yield "a read-only root file system"
    for name, label in (("seccomp", "seccomp"), ("apparmor", "AppArmor")):
        value = getattr(process, name)
        if unknown(value) is not None:
            yield f"{label} unknown"
        elif value != "Unconfined":
            yield f"{label} {value}"
    if process.masked_paths or process.readonly_paths:
        yield "masked and read-only paths under /proc and /sys"
    if process.namespaces.user == "own":
        yield "a user namespace"


def debug_lines(container: ExplainedContainer) -> Iterator[str]:
    """Tell what `kubectl debug` adds, and whether the cluster lets it in; nothing of other containers."""
    debug = container.debug
    if debug is None:
        return
    context = debug.container.get("securityContext")
    target = debug.container.get("targetContainerName")
    sees = f", beside the processes of {target}" if target else ""
    adds = "no securityContext" if context is None else f"securityContext: {json.dumps(context)}"
    yield one_line(f"kubectl debug --profile={debug.profile} adds it with {adds}{sees}")
    gives = isinstance(context, dict) and (
        context.get("privileged") or "add" in context.get("capabilities", {})
    )
    if gives and container.process.capabilities.effective == ():
        yield "its capabilities do nothing for this user: --custom FILE with runAsUser: 0 makes it root"
    for warning in debug.warnings:
        yield one_line(f"the API server warns: {warning}")
    if debug.admitted:
        yield "the namespace admits it"


_DENIALS = ("Forbidden", "NotFound", "Invalid", "BadRequest", "InternalError")
"""The API server's reasons, none of which is one of the kubelet's."""


def start_line(container: ExplainedContainer) -> str:
    """Tell whether it starts, and if not, why, in the words that kubectl shows."""
    start = container.start
    if start.starts is True:
        return "it will start"
    if start.starts is False:
        event = start.event
        why = start.message or (event.message if event else "it waits for a container before it")
        if start.reason in _DENIALS:
            return one_line(f"it will not start, because the API server denies it: {shorten_dumps(why)}")
        return one_line(f"it will not start, because {start.reason}: {why}")
    return one_line(f"not known whether it will start: {unknown(start.starts)}")


class Hints:
    """Finds out, container by container, which options would make less unknown: once for a whole report."""

    def __init__(self, only: str | None = None) -> None:
        """`only` is the one field that the report shows; None: it shows all."""
        self._only = only
        self._images = self._node = False

    def see(self, container: ExplainedContainer) -> None:
        """Look at what is unknown of a container."""
        if self._images and self._node:
            return
        for name, field in container.fields.items():
            if (reason := unknown(field.value)) is not None and self._only in (None, name):
                self._images = self._images or "of image" in reason or "of the image" in reason
                self._node = self._node or "whether the node has" in reason

    def lines(self) -> Iterator[str]:
        """Name the options, as far as has been seen."""
        if self._images:
            yield "images: podproof images lock PATH... writes down what they contain; --images FILE reads it"
        if self._node:
            yield "the node: --node FILE says what it has (capabilities, seccomp_profiles, apparmor, selinux)"


def hints(explained: Explained, only: str | None = None) -> Iterator[str]:
    """Name these options for a report that is there as a whole."""
    seen = Hints(only)
    for _, container in containers(explained):
        seen.see(container)
    return seen.lines()
