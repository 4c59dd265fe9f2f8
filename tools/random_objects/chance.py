"""The one source of chance: every choice is drawn from it, so that a seed tells the objects."""

import copy
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Makers = Mapping[str, Callable[[], Any]]
"""What makes the value of each field."""


class Chance:
    """Draws from a seed; `density` says how many of the fields that may be set are set, 1.0 for most."""

    def __init__(self, seed: int, density: float) -> None:
        self.density = density
        self.random = random.Random(seed)

    def some(self, probability: float) -> bool:
        """Say yes with this probability."""
        return self.random.random() < probability

    def pick(self, values: Sequence[Any]) -> Any:
        """Give a copy of one of the values, so that who changes it changes nothing else."""
        return copy.deepcopy(self.random.choice(values))

    def of(self, makers: Makers, probability: float) -> dict[str, Any]:
        """Make some of the fields, each with this probability where the density is 1."""
        return {key: maker() for key, maker in makers.items() if self.some(probability * self.density)}
