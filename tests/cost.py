"""How work grows with its input: in processor time and in relation, so that a busy machine is no failure."""

import time
from collections.abc import Callable

TIMES = 8
"""How much larger the larger input is: linear work takes about 8 times as long, quadratic work 64 times."""


def growth(work: Callable[[int], object], size: int) -> float:
    """Do work of `size` and of TIMES that; how many times as much processor time the larger takes.

    `size` must be enough for a few hundredths of a second, or noise decides. Each is measured three times,
    and the least counts: what disturbs a measurement only adds to it.
    """
    return _least(work, size * TIMES) / _least(work, size)


def _least(work: Callable[[int], object], size: int) -> float:
    measured = []
    for _ in range(3):
        began = time.process_time()
        work(size)
        measured.append(time.process_time() - began)
    return max(min(measured), 1e-3)  # the clock's own grain


LINEAR = 24.0
"""What linear work stays below and quadratic work does not, with room to both sides."""
