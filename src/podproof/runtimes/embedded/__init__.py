"""Podproof's own engine: a private containerd, started on demand and gone when unused.

Nothing here touches a containerd that the machine runs for others.
"""

from .places import Places
from .sessions import SESSION_LABEL, Session
from .start import EmbeddedEngine, Puller, embedded_engine, stop_engine

__all__ = [
    "SESSION_LABEL",
    "EmbeddedEngine",
    "Places",
    "Puller",
    "Session",
    "embedded_engine",
    "stop_engine",
]
