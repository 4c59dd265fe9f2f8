"""containerd 2.x with a current runc, for tests: its programs, and a private engine of them.

Both are built from their published modules, pinned in tests/engines/go.mod, which needs Go and libseccomp's
headers; built once, and kept in .podproof/engines.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requires
from images import recorded_archive
from private_engine import engine_folder, leftovers, places_at

from podproof.runtimes.embedded import EmbeddedEngine, embedded_engine, stop_engine

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "tests" / "engines"
CONTAINERD = "github.com/containerd/containerd/v2/cmd"
PROGRAMS = {
    f"{CONTAINERD}/containerd": "no_btrfs no_devmapper no_zfs",
    f"{CONTAINERD}/containerd-shim-runc-v2": "",
    f"{CONTAINERD}/ctr": "",
    "github.com/opencontainers/runc": "seccomp",
}
"""Package to the build tags it needs."""


def built() -> Path:
    """The folder of the built programs; skips the test when they cannot be built here."""
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin:/usr/lib/go/bin")
    if go is None:
        pytest.skip("needs Go, to build containerd 2.x with")
    digest = hashlib.sha256((MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()).hexdigest()
    folder = ROOT / ".podproof" / "engines" / digest[:16]
    if folder.is_dir():
        return folder
    if shutil.which("pkg-config") is None or subprocess.run(["pkg-config", "libseccomp"]).returncode:
        pytest.skip(
            "needs libseccomp's headers, to build runc with (packages libseccomp-dev, pkg-config, gcc)"
        )
    new = folder.with_name(f"new-{os.getpid()}")
    new.mkdir(parents=True)
    for package, tags in PROGRAMS.items():
        build = [go, "build", "-tags", tags, "-o", f"{new}/", package]
        done = subprocess.run(build, cwd=MODULE, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(new)
            if "dial tcp" in done.stderr or "no such host" in done.stderr:
                pytest.skip(f"the modules of containerd 2.x cannot be had here: {done.stderr.strip()[-200:]}")
            pytest.fail(done.stderr)
    try:
        new.rename(folder)
    except OSError:  # another worker was faster
        shutil.rmtree(new)
    return folder


@contextmanager
def containerd_2() -> Iterator[EmbeddedEngine]:
    """A private engine with the recorded images, which must leave nothing behind; skips without root."""
    requires.demand(requires.root, requires.mounts, requires.cgroups)
    programs = built()
    with engine_folder() as folder:
        places = places_at(folder, path=str(programs))
        engine = embedded_engine(places=places)
        engine.import_archive(recorded_archive())
        yield engine
        engine.close()
        stop_engine(places)
        assert leftovers(places) == []
