"""Write to the root file system: make a file in `/`, and remove it.

A read-only root answers EROFS to everyone, root too; EIO, the I/O error that texts speak of, is another one.
Source: linux fs/namei.c, lookup_open(): the mount is asked before the folder's mode.
"""

from collections.abc import Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Attack, Expectation, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, O_CREATE
from .model.kernel_rules import ask_file, refused, unknown
from .model.program import Named, Script

_FILE = "/.podproof-written"


def _write(script: Script) -> None:
    opened = script.call("openat", AT_FDCWD, _FILE, O_CREATE, Named("0644", 0o644))
    with script.unless_failed(opened):
        script.quietly("close", opened)
        script.quietly("unlinkat", AT_FDCWD, _FILE, 0)


def _expect(scene: Scene) -> Expectation:
    read_only = scene.context.read_only_root.value
    if isinstance(read_only, Unknown):
        return unknown(read_only.reason)
    if read_only:
        return refused("EROFS", why="the root file system is mounted read-only")
    return ask_file(scene.context, scene.root, 3, root_may=("DAC_OVERRIDE",))


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    yield Trial(_write, _expect(scene), succeeds("openat"))


ATTACK = Attack(
    id="write-root-filesystem",
    title="write to the root file system",
    claim="the container cannot write to its root file system",
    field="readOnlyRootFilesystem",
    trials=_trials,
)
