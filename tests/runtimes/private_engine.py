"""Places of private engines for tests, and what must not be left of one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from waiting import wait_until

from podproof.runtimes.cri.client import CriEngine
from podproof.runtimes.embedded import Places, stop_engine
from podproof.runtimes.embedded.cleanup import cgroup_folders, processes_with
from podproof.runtimes.embedded.keepers import find_keeper, is_lost
from podproof.runtimes.embedded.locks import FileLock
from podproof.runtimes.engine import EngineError


def places_at(
    folder: Path, idle: float = 60, path: str = "", plugins: tuple[Path, ...] | None = None
) -> Places:
    """The places of a private engine in a folder, its programs from `path` before the machine's."""
    machine = Places.from_environment().path
    return Places(
        lib=folder / "lib",
        run=folder / "run",
        idle=idle,
        path=f"{path}:{machine}".lstrip(":"),
        plugins=Places().plugins if plugins is None else plugins,
    )


@contextmanager
def engine_folder() -> Iterator[Path]:
    """A folder for a private engine. Not pytest's own: users of a user namespace must get through it."""
    folder = Path(tempfile.mkdtemp(prefix="podproof-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def engine_of_a_test() -> Iterator[Places]:
    """An engine's places for one test, stopped and looked through afterwards."""
    with engine_folder() as folder:
        places = places_at(folder, idle=1)
        yield places
        stop_engine(places)
        # a keeper that a killed process had only just begun starts after all, and ends by itself
        await_nothing(places)


def await_nothing(places: Places) -> None:
    """Wait until the keeper has reaped, found itself idle, and cleaned everything."""
    wait_until(lambda: not leftovers(places), "the engine's end with everything it had")


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, nothing when it is gone, as it may be at any moment."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


class Seen:
    """What an engine was seen to make outside its folder while it ran: namespaces, and ends of links."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.links: set[str] = set()
        self.namespaces: set[str] = set()

    def look(self) -> None:
        """Look at the processes in the engine's cgroup and at what is plugged into its bridge."""
        self.links |= {path.name for path in Path(f"/sys/class/net/{self.places.bridge}/brif").glob("*")}
        for folder in cgroup_folders(self.places.cgroup):
            # a group may go while one looks into it, which os.walk passes over
            for group, _, _ in os.walk(folder):
                with suppress(OSError):
                    for pid in Path(group, "cgroup.procs").read_text().split():
                        self.namespaces |= _namespaces(pid)
        self.namespaces -= _namespaces("self")

    def left(self) -> list[str]:
        """Name what of it is there still."""
        links = [f"link {name}" for name in self.links if Path(f"/sys/class/net/{name}").exists()]
        held = {
            f"namespace {one}"
            for entry in Path("/proc").iterdir()
            if entry.name.isdecimal()
            for one in _namespaces(entry.name) & self.namespaces
        }
        mounts = Path("/proc/self/mountinfo").read_text()
        return [
            *links,
            *sorted(held | {f"mount of {one}" for one in self.namespaces if f" {one} " in mounts}),
        ]


def _namespaces(pid: str) -> set[str]:
    found = set()
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/ns").iterdir():
            found.add(os.readlink(path))
    return found


def state_of(places: Places) -> str:
    """Tell who owns what in an engine, how its processes are, and what they wrote last, for a failed test."""
    engine = CriEngine(str(places.socket), patience=10)
    try:
        pods = [f"{one.id} ready={one.ready} {dict(one.labels)}" for one in engine.sandboxes()]
    except EngineError as error:
        pods = [f"not listed: {error}"]
    finally:
        engine.close()
    keeper = find_keeper(places)
    locks = {path.stem: FileLock.is_held(path) for path in places.session_locks.glob("*.lock")}
    lines = [
        *(f"sandbox {pod}" for pod in pods),
        f"sessions whose locks are held {locks}, folders {_entries(places.session_folders)}",
        f"keeper {keeper}, lost={keeper is not None and is_lost(keeper)}",
        f"containerd {[*processes_with(str(places.config), '--config')]}",
        f"shims {[*processes_with(str(places.socket), '-address')]}",
    ]
    for log in (places.lib / "keeper.log", places.log):
        with suppress(OSError):
            lines += [f"{log.name}:", *log.read_text(errors="replace").splitlines()[-20:]]
    return "\n".join(lines)


def leftovers(places: Places) -> list[str]:
    """What an engine left on this machine, in words."""
    base = str(places.lib.parent)
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return [
        *(f"mount {line}" for line in mounts if f" {base}/" in line),
        *(f"cgroup {folder}" for folder in cgroup_folders(places.cgroup)),
        *(f"process {pid}" for pid in processes_with(str(places.socket), "-address")),
        *(f"client {pid}" for pid in processes_with(str(places.socket), "--address")),
        *(f"process {pid}" for pid in processes_with(str(places.config), "--config")),
        *(f"link {path}" for path in Path("/sys/class/net").glob(places.bridge)),
        *(str(path) for path in places.run.glob("*") if path.name not in ("start.lock", "keeper.lock")),
        *(str(path) for path in _entries(places.session_folders)),
    ]
