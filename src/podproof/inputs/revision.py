"""The files that a git revision has: a revision and paths come in, a folder with its manifests is lent out.

Only git's plumbing is asked, of a repository that may be somebody else's: no checkout, no hooks, no filters,
nothing fetched, and nothing is run that the repository's configuration names. The folder is private and goes
away again. Never parses anything.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from ..errors import UsageError
from ..manifest.limits import DEFAULT
from .files import SUFFIXES
from .globs import Globs

__all__ = ["Revision", "open_revision"]

_ALWAYS = ("Kustomization",)
_REGULAR, _EXECUTABLE, _LINK, _SUBMODULE = b"100644", b"100755", b"120000", b"160000"
_MOST_OF_A_LINK = 4096

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
)
_ENVIRONMENT = {
    # nothing is fetched that is missing: the transport would be of the repository's choice
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class Revision(msgspec.Struct, frozen=True):
    """A revision whose manifests lie in `folder`; `root` is the top of the work tree.

    `blobs` has the object id of every file of the revision below the paths, by its path from the root.
    """

    folder: str
    root: str
    blobs: Mapping[str, str]


@contextmanager
def open_revision(
    name: str, paths: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Iterator[Revision]:
    """Lend out a revision's files below the paths, those that may be read, for as long as the context lasts.

    Raises UsageError: git is not there or refuses, the current folder is in no work tree, no such revision
    is known, or a path is outside of the repository or in a submodule that `exclude` does not leave out.
    """
    if not name or name.startswith("-"):
        raise UsageError(f"--diff-base {name}: is not a revision: name a branch, a tag or a commit")
    root = _ask("rev-parse", "--show-toplevel", failure="needs a git work tree").decode(
        "utf-8", "surrogateescape"
    )
    root = os.path.realpath(root.removesuffix("\n"))
    commit = _commit(name)
    asked = [_within(root, path) for path in paths]
    wanted = Globs(include)
    left_out = Globs(exclude)
    files: list[tuple[str, bytes, str]] = []
    blobs: dict[str, str] = {}
    for mode, oid, size, path in _list(commit.strip().decode()):
        below = _below(path, asked)
        if below is None:
            continue
        if mode == _SUBMODULE:
            if left_out and left_out.match(below):
                continue
            raise UsageError(
                f"--diff-base: {path} is a submodule: check it by itself, or leave it out by --exclude"
            )
        blobs[path] = oid
        name_ = os.path.basename(path)
        is_read = name_.lower().endswith(SUFFIXES) or name_ in _ALWAYS or not below or wanted.match(below)
        if is_read and size <= (_MOST_OF_A_LINK if mode == _LINK else DEFAULT.max_bytes):
            files.append((path, mode, oid))
    folder = os.path.realpath(tempfile.mkdtemp(prefix="podproof-"))
    try:
        _write(folder, files)
        yield Revision(folder, root, blobs)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _commit(name: str) -> bytes:
    """Give the commit that a revision is. Raises UsageError: none is known by that name."""
    try:
        return _ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", failure="")
    except UsageError:
        is_shallow = _ask("rev-parse", "--is-shallow-repository", failure="needs a git work tree").strip()
        remedy = (
            "this clone is shallow: fetch its history first (git fetch --unshallow; fetch-depth: 0 in"
            " actions/checkout, GIT_DEPTH: 0 in GitLab)"
            if is_shallow == b"true"
            else "git branch --all and git tag list those that are"
        )
        raise UsageError(f"--diff-base: {name} is not a known revision; {remedy}") from None


def _ask(*arguments: str, failure: str) -> bytes:
    """Give what git prints. Raises UsageError with its first words, behind what it means."""
    try:
        done = subprocess.run(
            ["git", *_OPTIONS, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, **_ENVIRONMENT},
            check=False,
        )
    except OSError as error:
        raise _no_git(error) from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().split("\n")[0].removeprefix("fatal: ")
        raise UsageError(f"--diff-base: {failure} ({words or f'git ended with {done.returncode}'})")
    return done.stdout


def _no_git(error: OSError) -> UsageError:
    return UsageError(f"--diff-base needs git on PATH: {(error.strerror or str(error)).lower()}")


def _within(root: str, path: str) -> str:
    """Count a path from the root. Raises UsageError: it is standard input, or outside."""
    if path == "-":
        raise UsageError("--diff-base compares files: standard input has no other revision")
    real = os.path.realpath(path)
    if real != root and not real.startswith(os.path.join(root, "")):
        raise UsageError(f"--diff-base: {path} is outside of the repository {root}")
    return "" if real == root else os.path.relpath(real, root)


def _below(path: str, asked: Sequence[str]) -> str | None:
    """Count a path from the first of the folders that it is in; "" for a file that is asked for itself."""
    for folder in asked:
        if path == folder or folder.startswith(f"{path}/"):
            return ""
        if not folder or path.startswith(f"{folder}/"):
            return path[len(folder) + 1 :] if folder else path
    return None


def _list(commit: str) -> Iterator[tuple[bytes, str, int, str]]:
    """Give mode, object, size and path of every entry of a commit's tree whose path is plain."""
    listed = _ask("ls-tree", "-r", "-z", "-l", "--full-tree", commit, failure="the revision cannot be read")
    for entry in listed.split(b"\0"):
        head, tab, path = entry.partition(b"\t")
        fields = head.split()
        steps = path.split(b"/")
        if not tab or len(fields) != 4 or any(step in (b"", b".", b"..", b".git") for step in steps):
            continue
        size = int(fields[3]) if fields[3].isdigit() else 0
        yield fields[0], fields[2].decode(), size, path.decode("utf-8", "surrogateescape")


def _write(folder: str, files: Sequence[tuple[str, bytes, str]]) -> None:
    """Write files into a folder that is empty, links last, so that nothing is written through one."""
    links = []
    with _Blobs() as blobs:
        for path, mode, oid in files:
            data = blobs.read(oid)
            if mode == _LINK:
                links.append((path, data))
            elif mode in (_REGULAR, _EXECUTABLE):
                _write_file(os.path.join(folder, path), data)
    for path, data in links:
        target = os.path.join(os.path.dirname(path), data.decode("utf-8", "surrogateescape"))
        outside = os.path.normpath(target).startswith("..") or os.path.isabs(target)
        where = os.path.join(folder, path)
        if not outside and not os.path.lexists(where):
            os.makedirs(os.path.dirname(where), exist_ok=True)
            os.symlink(data, os.fsencode(where))


def _write_file(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileExistsError:  # a tree that names it twice
        return
    with open(descriptor, "wb") as stream:
        stream.write(data)


class _Blobs:
    """A process of git that gives one blob after the other."""

    def __enter__(self) -> "_Blobs":
        try:
            self._process = subprocess.Popen(
                ["git", *_OPTIONS, "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **_ENVIRONMENT},
            )
        except OSError as error:
            raise _no_git(error) from error
        return self

    def read(self, oid: str) -> bytes:
        """Read one blob. Raises UsageError: the repository has not all of it."""
        asking, answering = self._process.stdin, self._process.stdout
        assert asking is not None
        assert answering is not None
        asking.write(oid.encode() + b"\n")
        asking.flush()
        head = answering.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise UsageError(f"--diff-base: the repository lacks {oid}: fetch the whole revision")
        size = int(head[2])
        data = answering.read(size + 1)
        if len(data) != size + 1:
            raise UsageError(f"--diff-base: the repository lacks {oid}: fetch the whole revision")
        return data[:size]

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
