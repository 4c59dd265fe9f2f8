"""How work grows with its input: in processor time and in relation, so that a busy machine is no failure."""

import gc
import time
from collections.abc import Callable

TIMES = 8
"""How much larger the larger input is: linear work takes about 8 times as long, quadratic work 64 times."""

LINEAR = 24.0
"""What linear work stays below and quadratic work does not, with room to both sides."""

ROUNDS = 5


def growth(work: Callable[[int], object], size: int) -> float:
    """Do work of `size` and of TIMES that; how many times as much processor time the larger takes.

    `size` must be enough for a few thousandths of a second, or noise decides. The smaller work is done as
    often as makes both equal when work is linear, so that what else the machine does disturbs both alike. The
    least of some rounds counts, and the first that leaves no doubt is the last.
    """
    work(size)  # imports and caches are not what is measured
    least = float("inf")
    for _ in range(ROUNDS):
        smaller = _processor_seconds(work, size, TIMES)
        larger = _processor_seconds(work, size * TIMES, 1)
        least = min(least, TIMES * larger / smaller)
        if least < LINEAR / 2:
            break
    return least


def _processor_seconds(work: Callable[[int], object], size: int, times: int) -> float:
    """Measure without the garbage collector, whose work grows with what other tests left behind."""
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        for _ in range(times):
            work(size)
        return max(time.process_time() - begun, 1e-3)  # the clock's own grain
    finally:
        gc.enable()
