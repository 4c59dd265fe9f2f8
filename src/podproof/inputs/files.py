"""Files and folders from the command line, in a stable order.

In: paths as a person wrote them. Out: each file, and on request its bytes, or a typed reason why it is not
read. A file that is named is always read, whatever its suffix; in a folder only `.yaml`, `.yml`, `.json` and
`Kustomization` are, hidden ones if asked for, and nothing outside of it that a link leads to. Never parses
anything.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator, Sequence

import msgspec

from ..manifest.limits import DEFAULT, Limits
from ..pattern import pattern
from .globs import Globs
from .input import InputFile, SkippedInput, UnreadableInput
from .stream import read_stream

SUFFIXES = (".yaml", ".yml", ".json")
_AT_ONCE = 1 << 20
_NEARLY = pattern(r"\.(?:ya?ml|json)(?:[.~]|[a-z0-9]$)|\.ndjson$", re.IGNORECASE)
"""Names of files that may hold manifests all the same: templates, copies, archives, lines of JSON."""


class FoundPath(msgspec.Struct, frozen=True):
    """A file that is to be read; `real` is the path that links lead to, None where nobody has looked."""

    path: str
    real: str | None = None


def find(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    limits: Limits = DEFAULT,
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    """Give every file under `paths` with its bytes; see `find_paths`."""
    for found in find_paths(paths, include=include, exclude=exclude, hidden=hidden):
        yield load(found.path, limits) if isinstance(found, FoundPath) else found


def find_paths(
    paths: Sequence[str], *, include: Sequence[str] = (), exclude: Sequence[str] = (), hidden: bool = False
) -> Iterator[FoundPath | SkippedInput | UnreadableInput]:
    """Give every file under `paths` in their order, folders in the order of names; none is opened.

    `include` replaces the choice by suffix, `exclude` leaves out, `hidden` takes what is hidden too; all look
    only at what stands in folders.
    """
    included, excluded = Globs(include), Globs(exclude)
    for path in map(plain_path, paths):
        if os.path.isdir(path):
            yield from _folder(path, included, excluded, hidden)
        else:
            yield FoundPath(path)


def plain_path(path: str) -> str:
    """Leave out what a path begins with and says nothing, as git does: `./web.yaml` is `web.yaml`.

    Nothing else is left out: behind a link, `..` leads elsewhere.
    """
    plain = path
    while plain.startswith("./"):
        plain = plain[2:].lstrip("/")
    return plain or ("." if path else "")


def load(path: str, limits: Limits = DEFAULT) -> InputFile | UnreadableInput:
    """Read one named file, up to the limit; pipes, devices and files of /proc only for a limited time."""
    try:
        data, _ = _read(path, limits)
    except FileNotFoundError:
        return UnreadableInput(path, 1, 1, "no such file or folder: check the path")
    except PermissionError:
        return UnreadableInput(path, 1, 1, "no permission to read it: change its mode or its owner")
    except TimeoutError as error:
        remedy = "save it as a file first; only standard input may take as long as it likes"
        return UnreadableInput(path, 1, 1, f"{error}: {remedy}")
    except (OSError, ValueError) as error:
        words = (getattr(error, "strerror", None) or str(error)).lower()
        return UnreadableInput(path, 1, 1, f"cannot be read ({words}): check the path")
    if data is not None:
        return InputFile(path, data)
    megabytes = limits.max_bytes // (1024 * 1024)
    return UnreadableInput(path, 1, 1, f"more than the {megabytes} MiB allowed in one file: split the file")


OF_OPTIONS = Limits(max_bytes=1024 * 1024, max_seconds=5.0)
"""What a file that an option names may be: a page of settings, which is there when it is asked for."""


def read_named(path: str, limits: Limits = OF_OPTIONS) -> bytes:
    """Read a file that is no input, such as one that an option names.

    Raises OSError: it cannot be read, is larger than the limit, or does not end in time. ValueError: no file
    has such a name.
    """
    return read_with_status(path, limits)[0]


def read_with_status(path: str, limits: Limits = OF_OPTIONS) -> tuple[bytes, os.stat_result]:
    """Read a file as `read_named` does, and tell whose the file is that was read."""
    data, status = _read(path, limits)
    if data is None:
        raise OSError(errno.EFBIG, f"it has more than {limits.max_bytes:,} bytes")
    return data, status


def _read(path: str, limits: Limits) -> tuple[bytes | None, os.stat_result]:
    """Read a file to its end; None: it has more bytes than the limit."""
    # Not blocking: to open a pipe that nobody writes to would never end. Disks do not know the flag.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        if status.st_size > limits.max_bytes:
            return None, status
        if stat.S_ISREG(status.st_mode) and status.st_size:
            data = _read_regular(descriptor, status.st_size, limits)
        else:
            with open(descriptor, "rb", buffering=0, closefd=False) as stream:
                data = read_stream(stream, limits)
    finally:
        os.close(descriptor)
    return (data if len(data) <= limits.max_bytes else None), status


def _read_regular(descriptor: int, size: int, limits: Limits) -> bytes:
    """Read a regular file to its end, or to one byte beyond the limit: it may grow meanwhile."""
    data = os.read(descriptor, size + 1)
    if len(data) == size:  # most files, whose end is known by asking for one byte more
        return data
    parts = [data]
    missing = limits.max_bytes + 1 - len(data)
    while missing > 0 and (part := os.read(descriptor, min(missing, _AT_ONCE))):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _folder(
    root: str, included: Globs, excluded: Globs, hidden: bool
) -> Iterator[FoundPath | SkippedInput | UnreadableInput]:
    seen: dict[tuple[int, int], str] = {}
    any_wanted = False
    inside = _real(root)
    is_plain = not included and not excluded
    # a stack in reverse order: name, path and relative path of its folder, its real path, and whether it is
    # known to be a regular file; folders open when their turn comes
    pending: list[tuple[str, str, str, str, bool]] = [("", root, "", "", False)]
    while pending:
        name, begin, prefix, real_folder, is_file = pending.pop()
        path = begin + name
        if is_file and is_plain and name[0] != "." and name.endswith(SUFFIXES):  # nearly all files
            any_wanted = True
            yield FoundPath(path, real_folder + name)
            continue
        relative = prefix + name
        left_out = _left_out(path, relative, excluded, hidden)
        if left_out is not None:
            if left_out:
                yield SkippedInput(path, None, 1, left_out)
            continue
        if is_file:
            # most entries: the folder's listing says that it is neither a link nor a folder
            if _is_wanted(relative, included):
                any_wanted = True
                yield FoundPath(path, real_folder + name)
            elif not included and _NEARLY.search(name):
                yield SkippedInput(path, None, 1, _OTHER_SUFFIX)
            continue
        try:
            status = os.stat(path)
        except PermissionError:
            any_wanted = True
            yield UnreadableInput(path, 1, 1, "no permission to read it: change its mode or its owner")
            continue
        except OSError as error:
            if _is_wanted(relative, included):
                any_wanted = True
                words = (error.strerror or str(error)).lower()
                yield SkippedInput(path, None, 1, f"a symbolic link that leads nowhere ({words})")
            continue
        is_folder = stat.S_ISDIR(status.st_mode)
        if relative and os.path.islink(path) and not _real(path).startswith(inside):
            if is_folder or _is_wanted(relative, included):
                yield SkippedInput(path, None, 1, _OUTSIDE)
            continue
        if is_folder:
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                reason = f"a symbolic link to a folder that is read already ({seen[identity]})"
                yield SkippedInput(path, None, 1, reason)
                continue
            seen[identity] = path
            try:
                with os.scandir(path) as entries:
                    listed = sorted([(entry.name, _is_file(entry)) for entry in entries], reverse=True)
            except OSError as error:
                any_wanted = True
                words = (error.strerror or str(error)).lower()
                yield UnreadableInput(
                    path, 1, 1, f"the folder cannot be listed ({words}): change its mode or owner"
                )
                continue
            prefix = f"{relative}/" if relative else ""
            begin, real = "" if path == "." else os.path.join(path, ""), _real(path)
            pending += [(name, begin, prefix, real, is_file) for name, is_file in listed]
            continue
        if not _is_wanted(relative, included):
            if not included and _NEARLY.search(_name(path)):
                yield SkippedInput(path, None, 1, _OTHER_SUFFIX)
            continue
        if not stat.S_ISREG(status.st_mode):
            yield SkippedInput(
                path, None, 1, "not a regular file (a pipe, socket or device): name it to have it read"
            )
            continue
        any_wanted = True
        yield FoundPath(path)
    if not any_wanted:
        wanted = "matches --include" if included else "ends in .yaml, .yml or .json"
        yield SkippedInput(root, None, 1, f"nothing in this folder {wanted}: name a file, or use --include")


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell a regular file that is no link, without a system call where the listing tells."""
    try:
        return entry.is_file(follow_symlinks=False)
    except OSError:  # the kind has to be asked for, and that fails: the caller asks once more
        return False


_KUSTOMIZATION = "Kustomization"
"""The one name without a suffix that kustomize reads: what it lists may be in files of any name."""
_OTHER_SUFFIX = "its name does not end in .yaml, .yml or .json: name it, or use --include, to have it read"
_OUTSIDE = "a symbolic link out of the folder: name it, or what it leads to, to have it read"


def _is_wanted(relative: str, included: Globs) -> bool:
    """Tell whether a file in a folder is read: by `--include`, else by its suffix, whose case is nothing."""
    if included:
        return included.match(relative)
    return relative.lower().endswith(SUFFIXES) or _name(relative) == _KUSTOMIZATION


def _name(path: str) -> str:
    """Give the last name of a path, as os.path.basename does with more ado: it is asked for each file."""
    return path[path.rfind("/") + 1 :]


def _real(path: str) -> str:
    """Give the path that links lead to, with a slash at its end."""
    return os.path.join(os.path.realpath(path), "")


def _left_out(path: str, relative: str, excluded: Globs, hidden: bool) -> str | None:
    """Give the reason to leave a folder's entry out, "" when nobody needs to hear of it, None to go on."""
    name = _name(relative)
    if not hidden and name.startswith("."):
        if os.path.isdir(path):
            files = _files_in(path)
            return f"hidden folder {name} ({files}): name it, or use --hidden" if files else ""
        return f"hidden file {name}: name it, or use --hidden" if name.lower().endswith(SUFFIXES) else ""
    if relative and excluded and excluded.match(relative):
        wanted = name.lower().endswith(SUFFIXES) or os.path.isdir(path)
        return "left out by --exclude" if wanted else ""
    return None


_MOST_ENTRIES = 5_000
"""Entries of a hidden folder that are looked at to count its files: environments have a hundred thousand."""


def _files_in(folder: str) -> str:
    """Count the files that would be read in a hidden folder, in words; "": there are none."""
    files = entries = 0
    for _, folders, names in os.walk(folder):
        entries += len(folders) + len(names)
        files += sum(name.lower().endswith(SUFFIXES) for name in names)
        if entries > _MOST_ENTRIES:
            return f"{files} files or more"
    if not files:
        return ""
    return "1 file" if files == 1 else f"{files} files"
