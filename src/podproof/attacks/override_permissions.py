"""Read and write another user's file whose mode is 0600: what DAC_OVERRIDE lets root do.

Reading takes DAC_OVERRIDE or DAC_READ_SEARCH, writing DAC_OVERRIDE. Source: capabilities(7).
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AT_FDCWD, O_RDONLY, O_WRONLY
from .model.kernel_rules import ask_file
from .model.program import Script
from .model.strangers_file import owner_of_file, strangers_file


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    path = strangers_file(scene)

    def read(script: Script) -> None:
        script.call("openat", AT_FDCWD, path, O_RDONLY, 0)

    def write(script: Script) -> None:
        script.call("openat", AT_FDCWD, path, O_WRONLY, 0)

    owner = owner_of_file(scene)
    reading = ask_file(scene.context, owner, 4, root_may=("DAC_OVERRIDE", "DAC_READ_SEARCH"))
    writing = ask_file(scene.context, owner, 2, root_may=("DAC_OVERRIDE",))
    yield Trial(read, reading, succeeds("openat"), "read")
    yield Trial(write, writing, succeeds("openat"), "write")


ATTACK = Attack(
    id="override-permissions",
    title="read and write another user's file",
    claim="the process cannot open files whose mode does not let it",
    field="capabilities",
    trials=_trials,
)
