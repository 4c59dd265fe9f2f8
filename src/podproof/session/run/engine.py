"""Opens the engine of a run and says what its node is: the embedded one, or the one at an endpoint."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ...effective.runtime import runtime_of
from ...effective.setting import Setting
from ...errors import UsageError
from ...runtimes.embedded import EmbeddedEngine, Places, Session, embedded_engine
from ...runtimes.engine import Engine
from ...runtimes.pods.dangers import Allowed
from ...runtimes.pods.values import RunOptions
from ...runtimes.pods.volumes.host_path import HostPaths
from . import node as run_node

__all__ = ["OpenEngine", "make_options", "open_engine"]


class OpenEngine(msgspec.Struct, frozen=True):
    """An engine with this process's session in it."""

    engine: Engine
    session: Session


@contextmanager
def open_engine(endpoint: str | None, progress: Callable[[str], None]) -> Iterator[OpenEngine]:
    """Start or find the embedded engine, or connect to `endpoint`; what the session leaves is removed after.

    Raises UsageError, EngineError, OutputError as `embedded_engine` does.
    """
    if endpoint is None:
        engine = embedded_engine(progress=progress)
        try:
            yield OpenEngine(engine, engine.session)
        finally:
            engine.close()
        return
    from ...runtimes.cri.client import CriEngine
    from ...runtimes.embedded.cleanup import remove_empty_cgroup
    from ...runtimes.embedded.reaper import reap_dead

    places = Places.from_environment()
    given = CriEngine(endpoint)
    try:
        given.features()
        reap_dead(places, given, given.endpoint)
        session = Session.open(places, given.endpoint)
        try:
            yield OpenEngine(given, session)
        finally:
            session.close(given)
            # the embedded engine does this when it stops; with another runtime nobody else would do it
            remove_empty_cgroup(places.cgroup)
    finally:
        # gRPC's own threads go on connecting for as long as a channel is open, also while the process ends
        given.close()


def make_options(
    opened: OpenEngine,
    *,
    allow: Allowed,
    served: frozenset[str] = frozenset(),
    unsafe_sysctls: tuple[str, ...] = (),
    seccomp_root: str | None = None,
    time_scale: float = 1.0,
) -> RunOptions:
    """Describe this machine as a node. Raises UsageError: a number or a folder that cannot be right."""
    if not 0.001 <= time_scale <= 1000:
        raise UsageError(f"--time-scale must be between 0.001 and 1000, has {time_scale}")
    root = seccomp_root or "/var/lib/kubelet/seccomp"
    if seccomp_root is not None and not Path(seccomp_root).is_dir():
        raise UsageError(f"--seccomp-root {seccomp_root} must be a folder of seccomp profiles")
    session, features = opened.session, opened.engine.features()
    node = run_node.node_of_machine(features, unsafe_sysctls=unsafe_sysctls, seccomp_root=root)
    return RunOptions(
        setting=Setting(node=node, runtime=runtime_of(features.runtime)),
        time_scale=time_scale,
        host_paths=HostPaths(allow.host_paths, session.directory.parent),
        seccomp_root=str(Path(root).absolute()),
        served=served,
        # the embedded engine's own client looks at the address that it connects to
        registries=None if isinstance(opened.engine, EmbeddedEngine) else allow.registries,
        node_name=run_node.node_name(),
        host_ip=run_node.host_address(),
        cpu=run_node.processors(),
        memory=run_node.memory(),
        storage=run_node.storage(session.directory),
        dns=run_node.dns_of_machine(),
        cgroup_root=session.cgroup,
        claims=str(session.directory / "claims"),
    )
