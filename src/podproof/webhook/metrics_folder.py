"""The folder in which several workers keep their metrics, so that whichever is asked can add them up.

A number of workers comes in. While the block runs, the environment names the folder to prometheus_client,
which looks there when it is first imported. One worker keeps its metrics in memory and needs none.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator

__all__ = ["FOLDER_VARIABLE", "forget_worker", "shared_metrics"]

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


@contextlib.contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """Make the folder where it is needed, in memory where that can be, and remove it afterwards."""
    if workers == 1:
        os.environ.pop(FOLDER_VARIABLE, None)
        yield
        return
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="podproof-metrics-", dir=place) as folder:
        os.environ[FOLDER_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER_VARIABLE]


def forget_worker(process: int) -> None:
    """Take the states (not the counts) of a worker that has ended out of the sums."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process, os.environ[FOLDER_VARIABLE])
