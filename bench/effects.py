"""What the checks of effects and of advice add to `check`: the same manifests with and without them."""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from podproof.checks._advice import AdviceCheck
from podproof.session.check import check
from podproof.session.config import Configuration
from podproof.session.judge import Judge
from podproof.session.settings import make_judge, make_selection
from podproof.session.sources import collect

ROUNDS = 7
COPIES = 150
SHOP = Path(__file__).resolve().parents[1] / "examples" / "shop"


def run() -> Iterator[str]:
    """Time copies of a realistic application, in rounds that take turns."""
    whole = make_judge(Configuration())
    selection = make_selection(Configuration())
    quiet = make_selection(Configuration(), ignore=["shared-user-id"])
    ways = {
        "without": (msgspec.structs.replace(whole, find_effects=None), quiet),
        "effects": (_without_advice(whole), quiet),
        "effects and advice": (whole, selection),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(COPIES):
            shutil.copytree(SHOP, Path(folder) / str(number))
        for _ in range(ROUNDS):
            for name, (judge, chosen) in ways.items():
                started = time.perf_counter()
                check(collect([folder]), judge, chosen)
                taken[name].append(time.perf_counter() - started)
    base = statistics.median(taken["without"])
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        yield f"{name}: {median * 1000:.0f} ms, {median / base - 1:+.0%}"


def _without_advice(judge: Judge) -> Judge:
    bound: Any = judge.find_effects
    put_on_node, checks = bound.args
    kept = tuple(each for each in checks if not isinstance(each, AdviceCheck))
    return msgspec.structs.replace(judge, find_effects=partial(bound.func, put_on_node, kept))
