"""Which mutants are tried: all of them and a seed go in, the chosen ones come out, the same on every
machine.

A mutant's place in the draw hangs on the seed and on what it changes into what, not on where it stands:
code that is moved, and code that is added elsewhere, leave the draw of all the rest as it was.
"""

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable

from .mutants import Mutant, mutants
from .reach import DECIDE_WITH, PACKAGE, ROOMS, ROOT

__all__ = ["all_mutants", "draw", "fixed", "room_of"]

# Which part of a room's mutants is in the fixed sample: about twenty by their number in November 2026,
# and thirty of kube.
SHARES = {
    "kube": 30 / 29100, "effective": 20 / 3500, "kubelet": 20 / 6600, "checks": 20 / 5600,
    "policies": 20 / 2300, "admission": 20 / 4800, "edits": 20 / 1550,
    "fixes": 20 / 3000,
}  # fmt: skip

GENERATED = ("kube/tables/",)  # written by tools/fieldtables and compared with Kubernetes itself


def all_mutants(rooms: Iterable[str] = ROOMS, within: str = "") -> list[Mutant]:
    """List the mutants of rooms, in the order of files and lines; `within` is a part of a module's path."""
    found: list[Mutant] = []
    for room in rooms:
        files = [PACKAGE / file for file in DECIDE_WITH.get(room, ())]
        for path in sorted((*(PACKAGE / room).rglob("*.py"), *files)):
            name = str(path.relative_to(ROOT))
            if within in name and not any(g in name for g in GENERATED):
                found += mutants(name, path.read_text(encoding="utf-8"))
    return found


def room_of(mutant: Mutant) -> str:
    within = mutant.path.removeprefix("src/podproof/")
    return next((room for room, files in DECIDE_WITH.items() if within in files), within.split("/")[0])


def fixed(mutants: Iterable[Mutant], seed: str = "podproof") -> list[Mutant]:
    """Choose about twenty mutants of each room, each by a lot of its own: nothing that is added, removed or
    changed elsewhere, in its own module either, has a part in it.
    """
    return [m for m in mutants if int(_lot(m, seed), 16) < SHARES[room_of(m)] * 16**64]


def _lot(mutant: Mutant, seed: str) -> str:
    text = "\0".join((seed, mutant.operator, mutant.before, mutant.after, str(mutant.nth)))
    return hashlib.sha256(text.encode()).hexdigest()


def draw(mutants: Iterable[Mutant], size: int, seed: str) -> list[Mutant]:
    """Choose at most `size` mutants, spread over the modules by how many each has."""

    modules: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        modules[mutant.path].append(mutant)
    ranked: list[tuple[float, str, Mutant]] = []
    for members in modules.values():
        lots = sorted((_lot(m, seed), m.key, m) for m in members)
        # The first of a module is drawn as if by chance, so that small modules have their turn as well.
        ranked += [
            ((at + int(mark[:8], 16) / 0xFFFFFFFF) / len(lots), mark, m)
            for at, (mark, _, m) in enumerate(lots)
        ]
    ranked.sort(key=lambda entry: entry[:2])
    return [m for _, _, m in ranked[:size]]


def imports(path: str) -> set[str]:
    """Give the modules of the package that a module imports, as paths counted from the checkout."""
    file = ROOT / path
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        for one in (base, *(base / alias.name for alias in node.names)):
            for target in (one.with_suffix(".py"), one / "__init__.py"):
                if target.is_file():
                    found.add(str(target.relative_to(ROOT)))
    return found
