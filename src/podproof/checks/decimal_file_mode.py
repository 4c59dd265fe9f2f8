"""A mode is written in decimal, though its digits read like an octal mode.

`defaultMode: 400` is 0620: the owner may write, the group too, and nobody may read but the owner. YAML takes
a number as octal only with a leading zero (`0400`), and JSON has no octal numbers at all: there 0400 is 256.
The API server accepts every number up to 511 (0777), so `400`, `440` and `444` pass without a word, and
`600`, `644` or `755` are refused as too large.

**Fields:** `spec.volumes[*].secret.defaultMode`, `.secret.items[*].mode`, likewise for configMap, downwardAPI
and projected.

**Source:** k8s.io/api core/v1 types, defaultMode; kubernetes pkg/apis/core/validation.
"""

from collections.abc import Iterator

from ..effective.file_modes import octal
from ..findings import Finding, Severity
from ._file_modes import written_modes
from ._linux import linux_containers
from .model.effect import EffectCheck, Running, warn
from .model.facts import FILE_MODES

_LOOKS_OCTAL = frozenset(
    (400, 404, 440, 444, 500, 505, 550, 555, 600, 604, 640, 644, 660, 664, 666, 700, 705, 710, 711, 740, 744,
     750, 751, 754, 755, 770, 771, 774, 775, 777)
)  # fmt: skip
"""Numbers whose decimal digits are a mode that people use, and which nobody means as a decimal number."""


def _find(running: Running) -> Iterator[Finding]:
    spec = running.pod.spec
    if spec is None or not spec.volumes or not linux_containers(running):
        return
    for name, route, mode in written_modes(spec):
        if mode not in _LOOKS_OCTAL:
            continue
        meant = int(str(mode), 8)
        yield warn(
            CHECK,
            None,
            route,
            f'volume "{name}" has {route[-1]}: {mode}, which is decimal, mode {octal(mode)}: '
            f"write 0{mode} for mode {octal(meant)} ({meant} in JSON)",
            label=f"mode {octal(mode)}",
        )


CHECK = EffectCheck(
    id="decimal-file-mode",
    summary="modes of files written in decimal that look octal",
    severity=Severity.WARNING,
    find=_find,
    when=FILE_MODES,
)
