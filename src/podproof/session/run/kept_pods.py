"""Pods that keep running after the command that started them has ended: recorded, listed and stopped."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ...runtimes.embedded import KEEP_LABEL, SESSION_LABEL, Places
from ...runtimes.embedded.sessions import reap_dead
from ...runtimes.engine import Engine, EngineError
from ...runtimes.pods.values import PodSnapshot

__all__ = ["KeptPod", "find_kept", "stop_kept", "write_kept"]

_FOLDER = "kept"
_FIELDS = ("initContainerStatuses", "containerStatuses")


class KeptPod(msgspec.Struct, frozen=True):
    """A kept pod as it is now. `sandbox` is its sandbox's id, `session` the session that started it."""

    pod: dict[str, Any]
    sandbox: str
    session: str

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])

    @property
    def namespace(self) -> str:
        """The pod's namespace; `default` when it names none."""
        return str(self.pod["metadata"].get("namespace") or "default")


def write_kept(directory: Path, snapshots: Sequence[PodSnapshot]) -> None:
    """Write the pods into their session's folder, so that `ps` and `stop` know them."""
    folder = directory / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    for snapshot in snapshots:
        path = folder / f"{snapshot.pod['metadata']['uid']}.json"
        path.write_text(json.dumps(snapshot.pod))


def find_kept(engine: Engine, places: Places) -> Iterator[KeptPod]:
    """Find every kept pod of an engine, with the states of its containers as they are now."""
    for sandbox in engine.sandboxes({KEEP_LABEL: "true"}):
        labels = sandbox.labels
        session = labels.get(SESSION_LABEL, "")
        uid = labels.get("io.kubernetes.pod.uid", "")
        if not session or "/" in session + uid:
            continue
        try:
            text = (places.session_folders / session / _FOLDER / f"{uid}.json").read_text()
            pod = json.loads(text)
        except (OSError, ValueError):
            pod = {"metadata": {"name": labels.get("io.kubernetes.pod.name", ""), "uid": uid,
                                "namespace": labels.get("io.kubernetes.pod.namespace", "default")},
                   "spec": {}, "status": {"phase": "Unknown"}}  # fmt: skip
        _refresh(pod, engine)
        yield KeptPod(pod, sandbox.id, session)


def _refresh(pod: dict[str, Any], engine: Engine) -> None:
    for field in _FIELDS:
        for container_status in pod["status"].get(field) or ():
            id = str(container_status.get("containerID") or "").rpartition("//")[2]
            if not id or "running" not in container_status["state"]:
                continue
            try:
                status = engine.container(id)
            except EngineError:
                status = None
            if status is None or status.state != "running":
                code = 137 if status is None else status.exit_code
                reason = "ContainerStatusUnknown" if status is None else status.reason
                container_status["state"] = {"terminated": {"exitCode": code, "reason": reason}}
                container_status["ready"] = False


def stop_kept(pods: Sequence[KeptPod], engine: Engine, places: Places, endpoint: str) -> None:
    """Stop the pods with their grace, remove them, and what their sessions leave."""
    for kept in pods:
        grace = int((kept.pod.get("spec") or {}).get("terminationGracePeriodSeconds") or 0)
        for id in _containers(kept.pod):
            try:
                engine.stop_container(id, grace)
            except EngineError as error:
                if error.code != "NotFound":
                    raise
        engine.stop_sandbox(kept.sandbox)
        engine.remove_sandbox(kept.sandbox)
    reap_dead(places, engine, endpoint)


def _containers(pod: Mapping[str, Any]) -> Iterator[str]:
    for field in reversed(_FIELDS):
        for container_status in pod["status"].get(field) or ():
            if "running" in container_status["state"]:
                yield str(container_status["containerID"]).rpartition("//")[2]
