"""Says where the embedded engine keeps what: the environment comes in, paths go out. Nothing is made here."""

import hashlib
import os
from pathlib import Path

import msgspec

__all__ = ["Places"]


class Places(msgspec.Struct, frozen=True):
    """The folders of one engine: `lib` outlives the machine's start, `run` does not.

    PODPROOF_ENGINE_DIR names another folder for both, and so another engine beside the first. `idle`: seconds
    that an engine without pods stays, PODPROOF_ENGINE_IDLE. `path`: where programs are looked for. `plugins`:
    where network plugins are, CNI_PATH; the default is where Kubernetes' own packages, Debian and Ubuntu, and
    Fedora put them.
    """

    lib: Path = Path("/var/lib/podproof")
    run: Path = Path("/run/podproof")
    idle: float = 60.0
    path: str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    plugins: tuple[Path, ...] = (Path("/opt/cni/bin"), Path("/usr/lib/cni"), Path("/usr/libexec/cni"))

    @classmethod
    def from_environment(cls) -> "Places":
        """Read the environment; an idle period that is not a number is the default."""
        default = cls()
        folder = os.environ.get("PODPROOF_ENGINE_DIR")
        try:
            idle = max(0.0, float(os.environ["PODPROOF_ENGINE_IDLE"]))
        except (KeyError, ValueError):
            idle = default.idle
        path = ":".join(part for part in (os.environ.get("PATH", ""), default.path) if part)
        plugins = default.plugins
        if named := os.environ.get("CNI_PATH"):
            plugins = tuple(Path(part).absolute() for part in named.split(":") if part)
        if not folder:
            return cls(idle=idle, path=path, plugins=plugins)
        root = Path(folder).absolute()
        return cls(lib=root / "lib", run=root / "run", idle=idle, path=path, plugins=plugins)

    def environment(self) -> dict[str, str]:
        """Give the variables that lead another process to the same places."""
        variables = {"PATH": self.path, "PODPROOF_ENGINE_IDLE": str(self.idle)}
        variables["CNI_PATH"] = ":".join(map(str, self.plugins))
        if self.run != Places().run:
            variables["PODPROOF_ENGINE_DIR"] = str(self.lib.parent)
        return variables

    @property
    def root(self) -> Path:
        """containerd's root: images, snapshots, and what is known of pods."""
        return self.lib / "engine"

    @property
    def engine(self) -> Path:
        """Everything of the running engine; gone when it is stopped."""
        return self.run / "engine"

    @property
    def state(self) -> Path:
        """containerd's state folder: shims, sockets and mounts of running containers."""
        return self.engine / "state"

    @property
    def socket(self) -> Path:
        """The Unix socket that containerd listens on."""
        return self.engine / "containerd.sock"

    @property
    def config(self) -> Path:
        """The configuration file that containerd is started with."""
        return self.engine / "config.toml"

    @property
    def cni(self) -> Path:
        """The folder of network configurations."""
        return self.engine / "cni"

    @property
    def log(self) -> Path:
        """What containerd and the keeper write."""
        return self.lib / "engine.log"

    @property
    def start_lock(self) -> Path:
        """Held by who starts the engine, or stops it."""
        return self.run / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper while it lives; its text is the keeper's pid."""
        return self.run / "keeper.lock"

    @property
    def session_locks(self) -> Path:
        """The folder of locks, one for each session that is alive."""
        return self.run / "sessions"

    @property
    def session_folders(self) -> Path:
        """The folder of sessions' volumes and logs."""
        return self.lib / "sessions"

    @property
    def suffix(self) -> str:
        """Tell this engine from others in names that are the whole machine's: "" for the usual one."""
        if self.run == Places().run:
            return ""
        return hashlib.sha256(str(self.run).encode()).hexdigest()[:6]

    @property
    def bridge(self) -> str:
        """Name the network interface; at most 15 bytes."""
        return f"podproof{self.suffix or '0'}"

    @property
    def network(self) -> str:
        """The name of the network in its configuration."""
        return f"podproof{self.suffix}"

    @property
    def cgroup(self) -> str:
        """The cgroup of all sessions, in every hierarchy."""
        return f"/podproof{self.suffix}"
