"""Pods that go on after the command that started them: found, asked for and stopped, by files alone.

The process that looks after them (`keeping`) writes what they are into its session's folder, and reads there
which are to be stopped. A session whose process is gone has no kept pods: whoever finds it removes it.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from ...errors import OutputError, StateError
from ...kubelet.events import PodEvent
from ...kubelet.objects import namespace_of
from ...runtimes.embedded import Places
from ...runtimes.embedded.locks import FileLock
from ...runtimes.embedded.sessions import KEPT, KEPT_PID
from ...runtimes.pods.values import PodSnapshot

__all__ = ["KeptFiles", "KeptPod", "find_kept", "resolve_kept", "stop_kept"]

_PATIENCE = 60.0
"""Seconds beyond its grace in which a pod that is to be stopped has gone."""

_LOOK = 0.05


class KeptPod(msgspec.Struct, frozen=True):
    """A kept pod as it was a moment ago.

    `owner`: `Kind/name` of what made it, "" for a plain pod. `logs`: the file of each attempt's log, by the
    container's id. `session` is the folder of the session, `endpoint` the runtime's address.
    """

    pod: dict[str, Any]
    events: tuple[PodEvent, ...]
    owner: str
    logs: dict[str, str]
    session: Path
    endpoint: str
    pid: int

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The pod's namespace; `default` when it names none."""
        return namespace_of(self.pod)

    @property
    def uid(self) -> str:
        """The pod's uid, by which its files are named."""
        return str(self.pod["metadata"]["uid"])


class KeptFiles:
    """The files of one session's kept pods, for the process that looks after them.

    Raises OutputError: the folder cannot be written.
    """

    def __init__(self, session: Path, pid: int) -> None:
        self._folder = session / KEPT
        self._written: dict[str, PodSnapshot] = {}
        with _told(self._folder):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            _replace(self._folder / KEPT_PID, str(pid))

    def write(self, snapshot: PodSnapshot, owner: str, logs: Mapping[str, Path]) -> None:
        """Write a pod as it is now, unless nothing has changed."""
        before = self._written.get(uid := str(snapshot.pod["metadata"]["uid"]))
        if before is not None and (before.pod, before.events) == (snapshot.pod, snapshot.events):
            return
        value = {
            "pod": snapshot.pod,
            "events": msgspec.to_builtins(snapshot.events),
            "owner": owner,
            "logs": {id: str(path) for id, path in logs.items()},
        }
        with _told(self._folder):
            _replace(self._folder / f"{uid}.json", json.dumps(value))
        self._written[uid] = snapshot

    def is_to_stop(self, uid: str) -> bool:
        """Tell whether somebody asked for the pod's end."""
        return (self._folder / f"{uid}.stop").exists()

    def remove(self, uid: str) -> None:
        """Remove what tells of a pod: it has gone."""
        with _told(self._folder):
            for suffix in ("stop", "json"):
                (self._folder / f"{uid}.{suffix}").unlink(missing_ok=True)
        self._written.pop(uid, None)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    """Turn what goes wrong with a file into an OutputError."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write {folder}: {error.strerror or error}") from error


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of the old or all of the new one."""
    new = path.with_name(f".{path.name}")
    new.write_text(text)
    new.rename(path)


def find_kept(places: Places) -> Iterator[KeptPod]:
    """Find every kept pod, whichever runtime it runs on, in the order of their sessions and names."""
    try:
        sessions = sorted(places.session_folders.iterdir())
    except FileNotFoundError:
        return
    for session in sessions:
        folder, lock = session / KEPT, places.session_locks / f"{session.name}.lock"
        if folder.is_dir() and FileLock.is_held(lock):
            found = [pod for path in folder.glob("*.json") if (pod := _read(path, session, lock))]
            yield from sorted(found, key=lambda kept: (kept.namespace, kept.name))


def _read(path: Path, session: Path, lock: Path) -> KeptPod | None:
    """Read what tells of a pod; None when it has gone just now."""
    try:
        value = json.loads(path.read_text())
        events = msgspec.convert(value["events"], tuple[PodEvent, ...])
        pid = int((path.parent / KEPT_PID).read_text())
        endpoint = lock.read_text()
    except (OSError, ValueError, KeyError):
        return None
    return KeptPod(value["pod"], events, value["owner"], value["logs"], session, endpoint, pid)


def resolve_kept(name: str, namespace: str | None, pods: Sequence[KeptPod]) -> list[KeptPod]:
    """Find the pods of a name as kubectl writes it: `web`, `pod/web`, `deployment/web`; or `shop/web`, a uid.

    `namespace` None: any. Raises UsageError: there is none, with those that there are.
    """
    plain = name.removeprefix("pod/").removeprefix("pods/")
    found = [
        kept
        for kept in pods
        if namespace in (None, kept.namespace)
        and (
            plain in (kept.name, f"{kept.namespace}/{kept.name}", kept.uid)
            or (bool(kept.owner) and name.lower() == kept.owner.lower())
        )
    ]
    if found:
        return found
    where = f" in namespace {namespace}" if namespace is not None else ""
    there = ", ".join(sorted({_full_name(kept) for kept in pods}))
    raise StateError(f"there is no kept pod {name}{where}" + (f", only {there}" if there else ""))


def _full_name(kept: KeptPod) -> str:
    return kept.name if kept.namespace == "default" else f"{kept.namespace}/{kept.name}"


def stop_kept(
    pods: Sequence[KeptPod], places: Places, interrupted: Callable[[], int] = lambda: 0
) -> list[KeptPod]:
    """Ask for the end of the pods and wait until they have gone, with their grace; those that have not.

    `interrupted` ends the waiting, not what was asked for. Raises OutputError: it cannot be asked for.
    """
    limit = time.monotonic() + _PATIENCE
    for kept in pods:
        path = kept.session / KEPT / f"{kept.uid}.stop"
        with _told(path.parent), suppress(FileNotFoundError):  # the session ends just now
            path.touch()
        grace = (kept.pod.get("spec") or {}).get("terminationGracePeriodSeconds") or 0
        limit = max(limit, time.monotonic() + int(grace) + _PATIENCE)
    left = list(pods)
    while left and time.monotonic() < limit and not interrupted():
        time.sleep(_LOOK)
        left = [kept for kept in left if not _has_gone(kept, places)]
    return left


def _has_gone(kept: KeptPod, places: Places) -> bool:
    """Tell whether a pod has gone, and its session with it if it was the last one of that."""
    if not FileLock.is_held(places.session_locks / f"{kept.session.name}.lock"):
        return True
    folder = kept.session / KEPT
    return not (folder / f"{kept.uid}.json").exists() and any(folder.glob("*.json"))
