"""Kernel parameters below /proc and /sys: opened for writing, and closed with nothing written."""

from collections.abc import Callable, Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Expectation, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, O_WRONLY
from .model.kernel_rules import allowed, own_user_namespace, refused, unknown
from .model.program import Script

__all__ = ["opening"]


def opening(
    path: str, read_only: Callable[[Scene], bool | None]
) -> Callable[[Scene], Iterable[Trial | NotTried]]:
    """Make the trials of one file, 0644 of root; `read_only` says whether it is mounted so."""

    def open_it(script: Script) -> None:
        script.call("openat", AT_FDCWD, path, O_WRONLY, 0)

    def trials(scene: Scene) -> Iterable[Trial | NotTried]:
        if path not in scene.existing:
            yield NotTried(f"the container has no {path}")
        else:
            yield Trial(open_it, _expect(scene, read_only(scene)), succeeds("openat"))

    return trials


def _expect(scene: Scene, sealed: bool | None) -> Expectation:
    uid = scene.context.uid.value
    if isinstance(uid, Unknown) or sealed is None:
        return unknown("the user or the mount is not known")
    if uid != 0 or own_user_namespace(scene.context):
        # the file's mode is asked before the mount
        effective = scene.context.capabilities.effective.value
        if isinstance(effective, Unknown):
            return unknown("the effective capabilities are not known")
        errors = ("EACCES", "EROFS") if sealed else ("EACCES",)
        return refused(*errors, why="the file is writable by the node's root only")
    if sealed:
        return refused("EROFS", why="it is mounted read-only")
    return allowed("it is mounted writable, and the process is root")
