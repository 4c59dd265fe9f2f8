"""Files and folders from the command line, in a stable order.

In: paths as a person wrote them. Out: each file's bytes, or a typed reason why it is not read. A file that is
named is always read, whatever its suffix; in a folder only `.yaml`, `.yml` and `.json` are, hidden ones not.
Never parses anything.
"""

import os
import stat
from collections.abc import Iterator, Sequence

from ..manifest.limits import DEFAULT, Limits
from .globs import Globs
from .input import InputFile, SkippedInput, UnreadableInput

SUFFIXES = (".yaml", ".yml", ".json")


def find(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    limits: Limits = DEFAULT,
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    """Give every file under `paths` in their order, folders in the order of names.

    `include` replaces the choice by suffix, `exclude` leaves out; both look only at what stands in folders.
    """
    included, excluded = Globs(include), Globs(exclude)
    for path in paths:
        if os.path.isdir(path):
            yield from _folder(path, included, excluded, limits)
        else:
            yield load(path, limits)


def load(path: str, limits: Limits = DEFAULT) -> InputFile | UnreadableInput:
    """Read one named file; pipes and devices are read like files, up to the limit."""
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size <= limits.max_bytes:
                data = stream.read(limits.max_bytes + 1)
                if len(data) <= limits.max_bytes:
                    return InputFile(path, data)
                size = len(data)
    except FileNotFoundError:
        return UnreadableInput(path, 1, 1, "no such file or folder: check the path")
    except PermissionError:
        return UnreadableInput(path, 1, 1, "no permission to read it: change its mode or its owner")
    except (OSError, ValueError) as error:
        words = (getattr(error, "strerror", None) or str(error)).lower()
        return UnreadableInput(path, 1, 1, f"cannot be read ({words}): check the path")
    megabytes = limits.max_bytes // (1024 * 1024)
    return UnreadableInput(path, 1, 1, f"more than the {megabytes} MiB allowed in one file: split the file")


def _folder(
    root: str, included: Globs, excluded: Globs, limits: Limits
) -> Iterator[InputFile | SkippedInput | UnreadableInput]:
    seen: dict[tuple[int, int], str] = {}
    any_wanted = False
    # a stack of (path, relative path) in reverse order; folders open when their turn comes
    pending: list[tuple[str, str]] = [(root, "")]
    while pending:
        path, relative = pending.pop()
        left_out = _left_out(path, relative, excluded)
        if left_out is not None:
            if left_out:
                yield SkippedInput(path, None, 1, left_out)
            continue
        try:
            status = os.stat(path)
        except OSError as error:
            if included.match(relative) if included else path.endswith(SUFFIXES):
                any_wanted = True
                words = (error.strerror or str(error)).lower()
                yield SkippedInput(path, None, 1, f"a symbolic link that leads nowhere ({words})")
            continue
        if stat.S_ISDIR(status.st_mode):
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                reason = f"a symbolic link to a folder that is read already ({seen[identity]})"
                yield SkippedInput(path, None, 1, reason)
                continue
            seen[identity] = path
            try:
                names = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                any_wanted = True
                words = (error.strerror or str(error)).lower()
                yield UnreadableInput(
                    path, 1, 1, f"the folder cannot be listed ({words}): change its mode or owner"
                )
                continue
            prefix = f"{relative}/" if relative else ""
            pending.extend((os.path.join(path, name), prefix + name) for name in names)
            continue
        if not (included.match(relative) if included else path.endswith(SUFFIXES)):
            continue
        if not stat.S_ISREG(status.st_mode):
            yield SkippedInput(
                path, None, 1, "not a regular file (a pipe, socket or device): name it to have it read"
            )
            continue
        any_wanted = True
        yield load(path, limits)
    if not any_wanted:
        wanted = "matches --include" if included else "ends in .yaml, .yml or .json"
        yield SkippedInput(root, None, 1, f"nothing in this folder {wanted}: name a file, or use --include")


def _left_out(path: str, relative: str, excluded: Globs) -> str | None:
    """Give the reason to leave a folder's entry out, "" when nobody needs to hear of it, None to go on."""
    name = os.path.basename(relative)
    if name.startswith("."):
        if os.path.isdir(path):
            return f"hidden folder {name}: name it to have it read"
        return f"hidden file {name}: name it to have it read" if name.endswith(SUFFIXES) else ""
    if relative and excluded and excluded.match(relative):
        wanted = name.endswith(SUFFIXES) or os.path.isdir(path)
        return "left out by --exclude" if wanted else ""
    return None
