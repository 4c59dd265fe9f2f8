"""The private containerd as a process: places come in, a daemon that answers goes out.

Started by the keeper alone. A daemon that outlived its keeper is taken over as it is.
"""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ...errors import PodproofError
from ..cri.archives import import_tar
from ..cri.client import CriEngine
from ..engine import EngineError
from .cleanup import (
    filesystem_of,
    has_ended,
    kill_processes,
    processes_with,
    remove_cgroup,
    remove_tree,
    unmount_below,
)
from .configuration import containerd_config
from .network import prepare_network, remove_network
from .pause_image import pause_archive, pause_name
from .places import Places
from .programs import find_program

__all__ = ["Daemon", "DaemonError", "snapshotter"]

START_SECONDS = 30.0
_PATIENCE = 15.0
"""Seconds that a call of the keeper may take: it goes on with something else then, and tries again."""
_SYS_RESOURCE = 24
"""Source: linux/capability.h."""


class DaemonError(PodproofError):
    """Says why the engine did not start, and what its log says last."""


class Daemon:
    """The containerd of some places."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._process: subprocess.Popen[bytes] | None = None
        self._handle: int | None = None
        self.engine = CriEngine(
            f"unix://{places.socket}", snapshotter=snapshotter(places), patience=_PATIENCE
        )

    def start(self) -> None:
        """Start containerd, or take over the one that runs; returns when it answers and has its pause image.

        Raises DaemonError: it ends or does not answer. Raises OSError: files cannot be written.
        """
        places = self.places
        running = self._running()
        if running and self.answers():
            self._handle = os.pidfd_open(running[0])
        else:
            kill_processes(running)
            self._prepare()
            self._spawn()
        self._await()
        if self.engine.image(pause_name()) is None:
            with tempfile.TemporaryFile() as archive:
                archive.write(pause_archive())
                archive.seek(0)
                import_tar(archive, places.socket, snapshotter=snapshotter(places))
            self._await_pause()

    def alive(self) -> bool:
        """Tell whether containerd is running."""
        if self._process is not None:
            return self._process.poll() is None
        if self._handle is None:
            return False
        return not has_ended(self._handle)

    def stop(self) -> None:
        """Stop containerd and remove everything of it but its images. Raises OSError: something stays."""
        places = self.places
        self.engine.close()
        kill_processes(self._running(), grace=5)
        if self._process is not None:
            self._process.wait()
        kill_processes(processes_with(str(places.socket), "-address"))
        # clients of it whose podproof or keeper was killed wait for ever
        kill_processes(processes_with(str(places.socket), "--address"))
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
        failures = []
        steps: tuple[Callable[[], None], ...] = (
            lambda: remove_cgroup(places.cgroup),
            lambda: remove_network(places),
            lambda: unmount_below(places.root),
            lambda: remove_tree(places.engine),
        )
        for step in steps:
            try:
                step()
            except OSError as error:  # what follows is removed all the same
                failures.append(error)
        # Where shims of every containerd put their sockets, and plugins of every network their notes: what is
        # empty is not in use.
        for folder in ("/run/containerd/s", "/run/containerd", "/var/lib/cni/results", "/var/lib/cni"):
            with contextlib.suppress(OSError):
                os.rmdir(folder)
        if failures:
            raise failures[0]

    def _running(self) -> list[int]:
        return list(processes_with(str(self.places.config), "--config"))

    def kill(self) -> None:
        """End containerd at once; pods go on without it."""
        kill_processes(self._running())
        if self._process is not None:
            self._process.wait()

    def answers(self) -> bool:
        """Tell whether containerd answers."""
        try:
            self.engine.features()
        except EngineError:
            return False
        return True

    def _prepare(self) -> None:
        places = self.places
        places.root.mkdir(mode=0o711, parents=True, exist_ok=True)
        places.engine.mkdir(mode=0o711, parents=True, exist_ok=True)
        prepare_network(places)
        text = containerd_config(
            places,
            pause=pause_name(),
            snapshotter=snapshotter(places),
            restrict_oom=not _has_capability(_SYS_RESOURCE),
        )
        places.config.write_text(text)
        places.socket.unlink(missing_ok=True)

    def _spawn(self) -> None:
        program = find_program("containerd", self.places)
        if program is None:
            raise DaemonError("containerd is not installed: install the packages containerd and runc")
        with self.places.log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "--config", str(self.places.config)],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _await(self) -> None:
        limit = time.monotonic() + START_SECONDS
        while True:
            if not self.alive():
                raise DaemonError(f"containerd ended while it started: {self._last_words()}")
            if self.places.socket.exists():
                try:
                    self.engine.features()
                    return
                except EngineError as error:
                    problem = error.detail
                    if error.code == "Unimplemented":
                        raise DaemonError(
                            f"containerd has no container runtime interface: {problem}"
                        ) from error
            else:
                problem = "it made no socket"
            if time.monotonic() > limit:
                raise DaemonError(f"containerd does not answer after {START_SECONDS:.0f} s: {problem}")
            time.sleep(0.02)

    def _await_pause(self) -> None:
        limit = time.monotonic() + 10
        while self.engine.image(pause_name()) is None:
            if time.monotonic() > limit:
                raise DaemonError("containerd does not list the sandbox image that it imported")
            time.sleep(0.01)

    def _last_words(self) -> str:
        try:
            lines = self.places.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"


def snapshotter(places: Places) -> str:
    """Choose where images are unpacked: overlayfs, but copies where the folder is an overlay itself."""
    return "native" if filesystem_of(places.lib) == "overlay" else "overlayfs"


def _has_capability(number: int) -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False
