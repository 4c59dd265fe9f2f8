"""Finds and reads the configuration: a folder comes in, a ProjectConfiguration goes out.

It is `podproof.toml`, or the table `[tool.podproof]` of a `pyproject.toml`, in the folder or the nearest one
above it; `podproof.toml` wins within a folder, and files are never merged. One above the folder is
followed only if it is not somebody else's. Names and types are checked here; check ids and levels by those
who know them. This module never guesses: what it does not know is refused.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from ..errors import UsageError
from ..inputs.files import read_named, read_with_status
from ..kube.feature_gates import FeatureGates, parse_feature_gates, read_feature_gates
from ..kube.versions import Minor, parse_version

__all__ = [
    "ProjectConfiguration",
    "choose_gates",
    "choose_version",
    "find_configuration",
    "load_configuration",
    "naming",
]


class ProjectConfiguration(msgspec.Struct, frozen=True):
    """What a project asks for; None and empty mean that nothing is said, so the command line's default holds.

    `path` is the file ("" for none) and `folder` the folder that its globs are relative to. `severity` maps a
    check's id to a severity word, `per_file_ignores` a glob to check ids, `feature_gates` a gate to what the
    cluster sets it to.
    """

    path: str = ""
    folder: str = ""
    level: str | None = None
    kubernetes_version: str | None = None
    runtime: str | None = None
    images: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, str] = {}
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    feature_gates: dict[str, bool] = {}
    exclude: tuple[str, ...] = ()
    jobs: int | None = None

    @property
    def images_path(self) -> str | None:
        """The file that `images` names, seen from the current folder; None when nothing is said."""
        return None if self.images is None else os.path.join(self.folder, self.images)


_TEXT = ("level", "kubernetes-version", "runtime", "images")
_LISTS = ("select", "ignore", "exclude")
_TABLES = ("severity", "per-file-ignores", "feature-gates")
_NUMBERS = ("jobs",)
KEYS = (*_TEXT, *_LISTS, *_TABLES, *_NUMBERS)

MOST_JOBS = 64
"""Processes that somebody may ask for; many more than that would only wait for each other."""


def find_configuration(folder: str) -> ProjectConfiguration:
    """Return the configuration of the nearest folder at or above `folder` that has one.

    Raises UsageError: the file found is not TOML, or says something Podproof does not know; or it lies above
    `folder`, and everybody can write it or it belongs to neither this user, root, nor the owner of `folder`.
    """
    beginning = os.path.abspath(folder)
    current = beginning
    while True:
        configuration = _in_folder(current, beginning)
        if configuration is not None:
            return configuration
        above = os.path.dirname(current)
        if above == current:
            return ProjectConfiguration()
        current = above


def load_configuration(path: str) -> ProjectConfiguration:
    """Read the configuration file that the command line names.

    Raises UsageError: it cannot be read, or see `find_configuration`; a `pyproject.toml` without
    `[tool.podproof]`.
    """
    try:
        text = _read(path)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read configuration {path}: {words}") from error
    if os.path.basename(path) == "pyproject.toml":
        configuration = _from_pyproject(path, text)
        if configuration is None:
            raise UsageError(f"{path}: has no table [tool.podproof]")
        return configuration
    return _configuration(path, text, _parse(path, text))


def _in_folder(folder: str, beginning: str) -> ProjectConfiguration | None:
    for name in ("podproof.toml", "pyproject.toml"):
        path = os.path.join(folder, name)
        if not os.path.isfile(path):
            continue
        try:
            data, file = read_with_status(path)
        except OSError as error:
            raise UsageError(f"cannot read configuration {path}: {error.strerror or error}") from error
        # Most pyproject.toml are other people's: not even decoded.
        if name == "pyproject.toml" and b"podproof" not in data:
            continue
        distrust = "" if folder == beginning else _distrust(file, beginning)
        if distrust:
            raise UsageError(
                f"configuration {path} lies above the current folder and {distrust}:"
                " put a podproof.toml of your own, which may be empty, into the current folder"
            )
        text = _decode(path, data)
        if name == "podproof.toml":
            return _configuration(path, text, _parse(path, text))
        configuration = _from_pyproject(path, text)
        if configuration is not None:
            return configuration
    return None


def _distrust(file: os.stat_result, beginning: str) -> str:
    """Say why nothing is taken from a file above the folder where it began; "" where that is well."""
    if file.st_mode & stat.S_IWOTH:
        return "everybody can write it"
    if file.st_uid in (0, os.geteuid(), os.stat(beginning).st_uid):
        return ""
    return f"belongs to user {file.st_uid}, who owns neither that folder nor this process"


def _read(path: str) -> str:
    return _decode(path, read_named(path))


def _decode(path: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: configuration is not UTF-8 (byte {error.start})") from error


def _from_pyproject(path: str, text: str) -> ProjectConfiguration | None:
    tool = _parse(path, text).get("tool")
    table = tool.get("podproof") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise UsageError(f"{path}: tool.podproof must be a table, is {_named(table)}")
    return _configuration(path, text, table)


def _parse(path: str, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = re.sub(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", "", str(error))
        at = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        place = f":{at[1]}:{at[2]}" if at else ""
        raise UsageError(f"{path}{place}: {message[:1].lower()}{message[1:]}") from error
    except RecursionError as error:
        raise UsageError(f"{path}: configuration is nested too deeply") from error


def _configuration(path: str, text: str, table: dict[str, Any]) -> ProjectConfiguration:
    values: dict[str, Any] = {}
    for key, value in table.items():
        where = f"{path}{_line(text, key)}"
        if key not in KEYS:
            from difflib import get_close_matches

            near = get_close_matches(key.replace("_", "-"), KEYS, n=2)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(KEYS)}"
            raise UsageError(f"{where}: unknown configuration key {key}, {remedy}")
        if key in _TEXT:
            checked: Any = _string(where, key, value)
        elif key in _LISTS:
            checked = _strings(where, key, value)
        elif key in _NUMBERS:
            checked = _jobs(where, key, value)
        else:
            checked = _table(where, key, value)
        values[key.replace("-", "_")] = checked
    return ProjectConfiguration(path=path, folder=os.path.dirname(os.path.abspath(path)), **values)


def _table(where: str, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{where}: {key} must be a table, is {_named(value)}")
    if key == "severity":
        return {check: _severity(where, check, word) for check, word in value.items()}
    if key == "feature-gates":
        return {gate: _boolean(where, f"{key}.{gate}", state) for gate, state in value.items()}
    return {glob: _strings(where, f"{key}.{glob}", ids) for glob, ids in value.items()}


def _severity(where: str, check: str, word: object) -> str:
    if word not in ("error", "warning", "note"):
        shown = word if isinstance(word, str) else _named(word)
        raise UsageError(f"{where}: severity.{check} must be error, warning or note, is {shown}")
    return str(word)


def _boolean(where: str, key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{where}: {key} must be true or false, is {_named(value)}")
    return value


def _jobs(where: str, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_JOBS:
        raise UsageError(f"{where}: {key} must be a number from 1 to {MOST_JOBS}, is {_named(value)}")
    return value


def _string(where: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{where}: {key} must be a string, is {_named(value)}")
    return value


def _strings(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UsageError(f"{where}: {key} must be a list of strings, is {_named(value)}")
    for item in value:
        if not isinstance(item, str):
            raise UsageError(f"{where}: {key} must be a list of strings, has {_named(item)}")
    return tuple(value)


def _named(value: object) -> str:
    """Name a TOML value for a message: its type and, when short, itself."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the string {value[:40]!r}"
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"


def _line(text: str, key: str) -> str:
    """Return ":LINE" of the line that sets `key` (or opens its table), "" when it is written otherwise."""
    quoted = re.escape(key)
    match = re.search(rf"^\s*(?:\[(?:tool\.podproof\.)?)?[\"']?{quoted}[\"']?\s*[\].=]", text, re.MULTILINE)
    return f":{text.count(chr(10), 0, match.end()) + 1}" if match else ""


def choose_version(configuration: ProjectConfiguration, asked: str | None) -> Minor:
    """Read the Kubernetes version of the command line, else the configuration's, else the newest known.

    Raises UsageError: it is not a version.
    """
    with naming(configuration, configuration.kubernetes_version and not asked):
        return parse_version(asked or configuration.kubernetes_version or "latest")


def choose_gates(
    configuration: ProjectConfiguration, gates: Iterable[str] | Mapping[str, bool], minor: Minor
) -> FeatureGates:
    """Put the gates of the command line, or of a program as a mapping, over those of the configuration.

    Raises UsageError: a gate is not known, or cannot be set so at this version.
    """
    if isinstance(gates, Mapping):
        asked = read_feature_gates(gates, minor, where="feature_gates")
    else:
        asked = parse_feature_gates(gates, minor)
    if not configuration.feature_gates:
        return asked
    where = f"{configuration.path}: feature-gates"
    changed = configuration.feature_gates | dict(asked.changed)
    return read_feature_gates(changed, minor, where=where)


@contextmanager
def naming(configuration: ProjectConfiguration, said_there: object) -> Iterator[None]:
    """Name the configuration's file in what is wrong with a value that stands there."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{configuration.path}: {error}") if said_there else error from error
