"""Read what another container keeps to itself in a volume that both mount: a file with mode 0600.

The neighbour's attacker writes it as the neighbour's user; this one reads it. The same UID may read; another
one may not, unless it is root with DAC_OVERRIDE or DAC_READ_SEARCH.
"""

from collections.abc import Callable, Iterable

from ._outcomes import succeeds
from .model.attack import Attack, Neighbour, NotTried, Owner, Scene, Trial
from .model.constants import AT_FDCWD, O_RDONLY
from .model.kept_files import kept_file
from .model.kernel_rules import ask_file
from .model.program import Script


def _reader(path: str) -> Callable[[Script], None]:
    def read(script: Script) -> None:
        script.call("openat", AT_FDCWD, path, O_RDONLY, 0)

    return read


def _trial(scene: Scene, neighbour: Neighbour, folder: str) -> Trial:
    owner = Owner(neighbour.uid, neighbour.gid, 0o600)
    expected = ask_file(scene.context, owner, 4, root_may=("DAC_OVERRIDE", "DAC_READ_SEARCH"))
    where = "" if folder == scene.scratch else f" in {folder}"
    return Trial(
        _reader(kept_file(folder, neighbour.name)), expected, succeeds("openat"), neighbour.name + where
    )


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    if not scene.neighbours:
        yield NotTried("no other container of the pod is running")
    for neighbour in scene.neighbours:
        for folder in (scene.scratch, *scene.shared.get(neighbour.name, ())):
            yield _trial(scene, neighbour, folder)


ATTACK = Attack(
    id="read-neighbours-data",
    title="read another container's data in a volume",
    claim="the process cannot read what other containers keep to themselves",
    field="runAsUser",
    trials=_trials,
    late=True,
)
