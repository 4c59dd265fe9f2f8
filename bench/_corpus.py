"""The manifests of 17 projects, which lie beside the checkout where they are."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CORPUS", "unpacked_corpus"]

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "apps.tar.gz"


@contextmanager
def unpacked_corpus() -> Iterator[str | None]:
    """Lend out a folder with a folder for each project; None: they are not here."""
    if not CORPUS.exists():
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        shutil.unpack_archive(CORPUS, folder, filter="data")
        yield folder
