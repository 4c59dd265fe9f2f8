"""What `check --diff-versions` found: findings that appear or disappear from a version on. Values only.

The schema `podproof/check-versions/v1` is made from VersionChanges: fields are only ever added within v1.
"""

from typing import Literal

import msgspec

from ..findings import Severity

__all__ = ["VERSIONS_SCHEMA", "VersionChange", "VersionChanges"]

VERSIONS_SCHEMA: Literal["podproof/check-versions/v1"] = "podproof/check-versions/v1"


class VersionChange(msgspec.Struct, frozen=True):
    """Findings of one check about one field that appear, or disappear, from the version `since` on.

    `count` is how many more or fewer there are. `kind`, `group`, `namespace` and `name` are the object's,
    `container` is "" where the pod or the object as a whole is meant. `field` is the route from the object's
    root, without the positions in lists. `file`, `line` and `message` are those of the first of them: of the
    version before, where they disappear.
    """

    since: str
    change: Literal["appears", "disappears"]
    check: str
    severity: Severity
    kind: str
    group: str
    namespace: str
    name: str
    container: str
    field: str
    count: int
    file: str
    line: int
    message: str


class VersionChanges(msgspec.Struct, frozen=True):
    """What `podproof check --diff-versions --format json` prints.

    `level` is as asked; where it names no version, it is that of each version of the cluster. `versions` are
    those that were judged, in order, and so are the changes. `undecided` is the largest number of inputs that
    could not be read or decided at one of them: a result in which it is not 0 is not the whole answer.
    `workloads` counts what was judged.
    """

    schema: Literal["podproof/check-versions/v1"]
    level: str
    versions: tuple[str, ...]
    workloads: int
    changes: tuple[VersionChange, ...]
    undecided: int = 0

    def appearing(self, severity: Severity) -> int:
        """Count the findings that appear and are as severe as `severity` or more."""
        order = list(Severity)
        worst = order[: order.index(severity) + 1]
        return sum(one.count for one in self.changes if one.change == "appears" and one.severity in worst)
