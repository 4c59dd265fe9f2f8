"""The packages that serving needs beside Podproof's own, imported here first so that a missing one has words.

Nothing comes in or goes out. Every module of the room that uses one of them imports this one before it.
"""

from ..errors import StateError

try:
    import cryptography
    import httptools
    import prometheus_client
    import uvicorn
    import uvloop
except ImportError as error:
    raise StateError(f"serving needs more packages, pip install 'podproof[serve]': {error}") from error

__all__ = ["cryptography", "httptools", "prometheus_client", "uvicorn", "uvloop"]
