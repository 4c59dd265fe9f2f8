"""What `fix` costs beside `check` of the same files, and what it does to the manifests of real projects.

    python -m bench fix                       1,000 files and the corpus, in rounds that take turns
    PODPROOF_BENCH=100 python -m bench fix    files of another number

Times are those of the processor, since both may use several processes; the limit is twice the time of check.
The report counts what becomes of each workload at both levels, without `--run`.
"""

import difflib
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from podproof.results.fixed import FileFix, Fixed
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.options import FixOptions
from podproof.session.fix.pipeline import fix_manifests
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

from ._corpus import CORPUS
from .check import FILES, make_files, podproof_costs

ROUNDS = 3


def run() -> Iterator[str]:
    """Yield a line for each set, then the report."""
    with tempfile.TemporaryDirectory() as folder:
        count = int(os.environ.get("PODPROOF_BENCH", FILES))
        sets = {f"{count:,} files": make_files(Path(folder, "few"), count)}
        if CORPUS.exists():
            shutil.unpack_archive(CORPUS, Path(folder, "corpus"))
            sets["17 projects"] = Path(folder, "corpus")
        for name, path in sets.items():
            yield _beside(name, path)
        if "17 projects" in sets:
            for level in ("restricted", "baseline"):
                yield from _report(sets["17 projects"], level)


def _beside(name: str, path: Path) -> str:
    costs: dict[str, list[float]] = {"check": [], "fix": []}
    for _ in range(ROUNDS):
        for verb, times in costs.items():
            times.append(podproof_costs([verb, str(path), "--format", "json"]).processor)
    check, fix = (min(times) for times in costs.values())
    return f"{name:12} check {check:6.2f} s, fix {fix:6.2f} s: {fix / check:.2f} × (limit 2)"


def _report(path: Path, level: str) -> Iterator[str]:
    """Say what becomes of the workloads of a folder."""
    configuration = ProjectConfiguration()
    judge = make_judge(configuration, level=level)
    fixed = fix_manifests(collect((str(path),)), judge, make_selection(configuration), FixOptions())
    objects = [(file, one) for file in fixed.files for one in file.objects]
    changed = [one for _, one in objects if one.decisions]
    kinds = Counter(decision.kind for one in changed for decision in one.decisions)
    whole = sum(1 for one in changed if not one.left)
    guessed = sum(1 for one in changed if any(decision.kind == "guess" for decision in one.decisions))
    yield (
        f"{level}: {fixed.workloads:,} workloads, {len(changed):,} changed, "
        f"{whole:,} of them without an error then; {guessed:,} need a guess"
    )
    yield f"  {_errors(fixed)}"
    yield "  changes: " + ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("same", "tighter", "guess"))
    lines = [_lines(file) for file in fixed.files if file.before != file.after]
    per_workload = sum(added + gone for added, gone in lines) / max(len(changed), 1)
    yield (
        f"  {len(lines):,} files, {sum(added for added, _ in lines):,} lines added and "
        f"{sum(gone for _, gone in lines):,} removed: {per_workload:.1f} for each workload, "
        f"{median(added + gone for added, gone in lines):.0f} for half of the files"
    )
    left = Counter(one.check for _, file in objects for one in file.left)
    yield "  left: " + (", ".join(f"{number:,} {check}" for check, number in left.most_common()) or "nothing")
    refused = [file for file in fixed.files if file.refused]
    yield f"  files that are refused: {len(refused)}"


def _errors(fixed: Fixed) -> str:
    left = sum(len(one.left) for file in fixed.files for one in file.objects)
    return f"{fixed.mended:,} errors mended, {left:,} left"


def _lines(file: FileFix) -> tuple[int, int]:
    """Count the lines that are added and removed."""
    before = file.before.decode("utf-8", "replace").splitlines()
    after = file.after.decode("utf-8", "replace").splitlines()
    changed = [line[:1] for line in difflib.unified_diff(before, after, n=0, lineterm="")][2:]
    return changed.count("+"), changed.count("-")
