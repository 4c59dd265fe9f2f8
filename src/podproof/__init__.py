"""Podproof: what a pod is allowed to do, whether that is what was meant, and the proof."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import Cluster, accept, evaluate, explain

__all__ = ["Cluster", "__version__", "accept", "evaluate", "explain"]


def __getattr__(name: str) -> Any:
    """Load the public API on first use, so that the command line starts without it."""
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module 'podproof' has no attribute {name!r}")
