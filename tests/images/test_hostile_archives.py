"""An archive from a stranger is refused with the entry's name before it costs memory or time."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_archives import HOSTILE, NAME, deep_folders, image, whiteouts_over_and_over
from image_builder import layer, layout_files, write_folder

MEMORY = 150 * 2**20
"""Bytes that reading may add to the process."""

SECONDS = 4.0
"""Of processor, on a machine that counts to two million, or inflates 32 MiB, in a tenth of a second.

To inflate is most of what a bomb costs, and not all machines are quick at both."""

CHILD = """
import json, resource, sys, time, zlib
from podproof.images.archive import read_archive
from podproof.images.errors import ImageError

def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime

def measure():
    start = used()[1]
    sum(number for number in range(2_000_000))
    counted = used()[1]
    left, inflate = deflated, zlib.decompressobj()
    while left:
        inflate.decompress(left, 1 << 16)
        left = inflate.unconsumed_tail
    return max(counted - start, used()[1] - counted)

deflate = zlib.compressobj()
deflated = b"".join([deflate.compress(bytes(1 << 16)) for _ in range(512)]) + deflate.flush()
unit = measure()
space = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (space + (400 << 20),) * 2)
memory, seconds = used()
try:
    said = f"read {len(read_archive(sys.argv[1]))}"
except ImageError as error:
    said = str(error)
after = used()
unit = max(unit, measure())  # a core may have become slower in between
print(json.dumps({"said": said, "memory": after[0] - memory, "seconds": (after[1] - seconds) * 0.1 / unit}))
"""


def _read(path: Path) -> str:
    """Read an archive in a process of its own; asserts what it cost, and gives what was said."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["memory"] < MEMORY, result
    assert result["seconds"] < SECONDS, result
    return str(result["said"])


@pytest.mark.parametrize("title", HOSTILE)
def test_it_is_refused_and_costs_little(tmp_path: Path, title: str) -> None:
    make, expected = HOSTILE[title]
    path = tmp_path / "image.tar"
    path.write_bytes(make())
    said = _read(path)
    assert re.search(expected, said), said
    assert len(said) < 1000


@pytest.mark.parametrize("make", [whiteouts_over_and_over, deep_folders], ids=lambda make: make.__name__)
def test_what_is_only_odd_is_read_in_linear_time(tmp_path: Path, make: object) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(make())  # type: ignore[operator]  # a parametrized function
    assert _read(path) == "read 1"


def test_devices_and_links_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path, layout_files(NAME, [layer({"x": b""})]))
    blobs = sorted((folder / "blobs" / "sha256").iterdir())
    for target, expected in (
        ("/dev/zero", "leads out of the layout"),
        (blobs[0].name, "leads out|cannot read"),
    ):
        for blob in blobs:
            blob.unlink(missing_ok=True)
            blob.symlink_to(target)
        assert re.search(expected, _read(folder))


def test_honest_holes_and_links_are_read(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(image(layer({"etc/group": "hard:etc/passwd", "etc/passwd": b"a:x:1:1::/:\n"})))
    assert _read(path) == "read 1"
