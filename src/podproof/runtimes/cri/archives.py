"""Imports an image archive into a containerd: a path comes in, the images' names go out.

containerd reads and unpacks the archive, by its own client `ctr`; nothing is unpacked here. A folder is only
packed into a tar on its way there.
"""

import gzip
import os
import re
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from ...errors import InputError
from ...kube.image_name import ImageNameError, full_name
from ..engine import EngineError

__all__ = ["NAMESPACE", "import_into_containerd", "import_tar", "pack_layout"]

NAMESPACE = "k8s.io"
"""containerd's namespace of everything that belongs to the container runtime interface."""

BASE_NAME = "podproof.local/imported"
"""What an image is called by its digest when its archive gives it no name."""

_MAX_BLOBS = 100_000

_NAMELESS = re.compile(r"import-\d{4}-\d\d-\d\d(?=[:@])")
"""The client's stand-in for a name."""

_UNPACKING = re.compile(rb"^unpacking (\S+) \((sha256:[0-9a-f]{64})\)", re.MULTILINE)


def import_into_containerd(path: Path, socket: Path, *, snapshotter: str) -> tuple[str, ...]:
    """Import a tar (OCI layout or `docker save`, gzipped or not) or the folder of an OCI layout.

    Raises InputError: it is neither, or holds no image. Raises EngineError: containerd refused it.
    """
    try:
        for by_digest in (False, True):
            with _open(path) as archive:
                names = import_tar(archive, socket, snapshotter=snapshotter, by_digest=by_digest)
            if names:
                return names
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    raise InputError(f"{path}: holds no image for this machine")


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    """Open an archive as a tar: a folder is packed, a gzipped file is unzipped into a temporary file.

    Raises OSError: it cannot be read, or the temporary file not be written.
    """
    with ExitStack() as stack:
        if not path.is_dir():
            # unbuffered: another process reads on from where the descriptor stands
            file = stack.enter_context(path.open("rb", buffering=0))
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            if not zipped:
                yield file
                return
        elif not (path / "index.json").is_file():
            raise InputError(f"{path}: a folder must be an OCI layout, it has no index.json")
        made = stack.enter_context(tempfile.TemporaryFile())
        if path.is_dir():
            pack_layout(path, made)
        else:
            try:
                with gzip.open(path) as unzipped:
                    shutil.copyfileobj(unzipped, made, 1 << 20)
            except (EOFError, zlib.error) as error:
                raise InputError(f"{path}: is not a complete gzip file: {error}") from error
        made.seek(0)
        yield made


def pack_layout(folder: Path, made: IO[bytes]) -> None:
    """Pack the files of an OCI layout, and nothing else that lies in its folder, into a tar.

    Raises InputError: one of them is no file or lies elsewhere, or there are too many. Raises OSError.
    """
    root = folder.resolve()
    with tarfile.open(fileobj=made, mode="w") as packed:
        for count, path in enumerate(_layout_files(root)):
            name = str(path.relative_to(root))
            real = path.resolve()
            if count >= _MAX_BLOBS:
                raise InputError(f"{folder}: has more than {_MAX_BLOBS} blobs")
            if not real.is_relative_to(root):
                raise InputError(f"{folder}: {name!r} is a link that leads out of the layout")
            # a pipe would wait for ever, a device never end
            handle = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                os.close(handle)
                raise InputError(f"{folder}: {name!r} is not a file")
            entry = tarfile.TarInfo(name)
            entry.size = status.st_size
            with open(handle, "rb") as file:
                packed.addfile(entry, file)


def _layout_files(root: Path) -> Iterator[Path]:
    yield from (path for name in ("oci-layout", "index.json") if (path := root / name).exists())
    if (blobs := root / "blobs").is_dir():
        for algorithm in os.scandir(blobs):
            if algorithm.is_dir(follow_symlinks=False):
                with os.scandir(algorithm.path) as found:
                    yield from (Path(blob.path) for blob in found)


def import_tar(
    archive: IO[bytes], socket: Path, *, snapshotter: str, by_digest: bool = False
) -> tuple[str, ...]:
    """Import a tar from an open file; the names it brought. Raises EngineError: containerd refused it.

    `by_digest`: images without a name get one of their digest; those with a name get a second one.
    """
    program = shutil.which("ctr", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/bin:/usr/bin")
    if program is None:
        raise EngineError("Unimplemented", "importing needs containerd's client ctr, which is not installed")
    command = [program, "--address", str(socket), "--namespace", NAMESPACE, "images", "import"]
    if _is_second(program):
        command.append("--local")  # without it, version 2 prints other lines and unpacks elsewhere
    command += ["--snapshotter", snapshotter, *(["--digests"] if by_digest else []), "-"]
    done = subprocess.run(command, stdin=archive, capture_output=True, timeout=1800)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().removeprefix("ctr: ") or "ctr failed"
        raise EngineError("Unknown", f"import failed: {words.splitlines()[-1]}")
    unpacked = [(name.decode(), digest.decode()) for name, digest in _UNPACKING.findall(done.stdout)]
    return _named(unpacked, [*command[: command.index("import")]])


def _named(unpacked: list[tuple[str, str]], images: list[str]) -> tuple[str, ...]:
    """Name what was imported as the interface looks for it; an image without a name goes by its digest.

    A name is completed (`web` is docker.io/library/web:latest); a bare tag or digest follows BASE_NAME.
    `images` is the client's command up to what it does with images.
    """
    chosen: dict[str, list[str]] = {}
    for old, digest in unpacked:
        new = complete(old)
        if new != old:
            _client([*images, "tag", "--force", old, new])
            _client([*images, "remove", old])
            _forget(old, new, images)
        chosen.setdefault(digest, []).append(new)
    return tuple(
        name
        for names in chosen.values()
        for name in dict.fromkeys([one for one in names if not one.startswith(f"{BASE_NAME}@")] or names)
    )


def _forget(old: str, new: str, images: list[str]) -> None:
    """Make the interface forget a removed name: it has remembered the completed one, which nobody removes.

    Without this, containerd 1.6 may look for the image under the name that is gone, and not find it.
    """
    try:
        remembered = full_name(old)
    except ImageNameError:
        return
    if remembered not in (old, new):
        _client([*images, "tag", "--force", new, remembered])
        _client([*images, "remove", remembered])


def complete(name: str) -> str:
    """Complete an image's name as the interface looks for it; one that is not a name at all stays."""
    if own := _NAMELESS.match(name):
        return BASE_NAME + name[own.end() :]
    try:
        return full_name(name)
    except ImageNameError:
        return name


def _client(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, timeout=60)
    if done.returncode:
        raise EngineError("Unknown", f"import failed: {done.stderr.decode(errors='replace').strip()}")


def _is_second(program: str) -> bool:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30)
    version = re.search(r"\bv?(\d+)\.\d+", done.stdout)
    return version is not None and int(version[1]) >= 2
