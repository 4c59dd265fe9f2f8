"""Collects the Markdown documents of checks; `check_documents.py` says what stands in them and runs them."""

from pathlib import Path

import pytest
from check_documents import Page


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return Page.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None
