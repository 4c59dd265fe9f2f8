"""Unpacks recorded archives with every Python from 3.11.0 on, of which those before 3.11.4 know no filter."""

import tarfile
from pathlib import Path


def unpack(path: Path, folder: Path) -> None:
    """Unpack a trusted archive, with the filter for data where there is one.

    Source: the Python library's page of tarfile, "Extraction filters".
    """
    with tarfile.open(path) as archive:
        if data_filter := getattr(tarfile, "data_filter", None):
            archive.extraction_filter = data_filter
        archive.extractall(folder)
