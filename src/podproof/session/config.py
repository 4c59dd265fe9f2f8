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
from typing import Any, NamedTuple

import msgspec

from ..effective.runtime import DEFAULT_RUNTIME, RuntimeProfile, parse_runtime
from ..errors import StateError, UsageError
from ..inputs.files import read_named, read_with_status
from ..kube.feature_gates import FeatureGates, parse_feature_gates, read_feature_gates
from ..kube.versions import Minor, parse_version

__all__ = [
    "ProjectConfiguration",
    "choose_gates",
    "choose_runtime",
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
    baseline: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, str] = {}
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    feature_gates: dict[str, bool] = {}
    exclude: tuple[str, ...] = ()
    jobs: int | None = None
    key_lines: dict[str, int] = {}
    """Key to the line (1-based) that sets it, for messages; empty in a configuration without a file."""

    @property
    def images_path(self) -> str | None:
        """The file that `images` names, seen from the current folder; None when nothing is said."""
        return None if self.images is None else os.path.join(self.folder, self.images)

    @property
    def baseline_path(self) -> str | None:
        """The file that `baseline` names, seen from the current folder; None when nothing is said."""
        return None if self.baseline is None else os.path.join(self.folder, self.baseline)


_TEXT = ("level", "kubernetes-version", "runtime", "images", "baseline")
_LISTS = ("select", "ignore", "exclude")
_TABLES = ("severity", "per-file-ignores", "feature-gates")
_NUMBERS = ("jobs",)
KEYS = (*_TEXT, *_LISTS, *_TABLES, *_NUMBERS)
_KINDS = {
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys(_LISTS, "list"),
    **dict.fromkeys(_NUMBERS, "number"),
    "kubernetes-version": "version",
}
_MOST_SHOWN = 200
"""Characters of a line that a message shows."""

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
            raise StateError(
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
        message = f"{message[:1].lower()}{message[1:]}"
        at = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
        number = int(at[1]) if at else len(text.splitlines())
        line, remedy = _WrittenConfiguration(path, text).line_and_remedy(number)
        if message == "cannot overwrite a value" or message.endswith(" twice"):
            message, remedy = "what is set already is set again", ": keep one of the two"
        place = f"{number}:{at[2]}" if at else str(number)
        raise UsageError(f"{path}:{place}: {message}{' in ' if line else ''}{line}{remedy}") from error
    except RecursionError as error:
        raise UsageError(f"{path}: configuration is nested too deeply") from error


class _WrittenConfiguration(NamedTuple):
    """The file in which a value is wrong: it names the line, and says what to write there."""

    path: str
    text: str

    def wrong(self, key: str, message: str) -> UsageError:
        """Make the error about the value of a key, with the line to write where that is certain."""
        number = _line(self.text, key)
        return UsageError(f"{self.place(key)}: {message}{self.line_and_remedy(number)[1] if number else ''}")

    def place(self, key: str) -> str:
        """Give PATH:LINE of a key; PATH where it is written in some other way."""
        number = _line(self.text, key)
        return f"{self.path}:{number}" if number else self.path

    def line_and_remedy(self, number: int) -> tuple[str, str]:
        """Give a line as it is, and what to write instead of it as the end of a message; "" for neither."""
        from .config_mending import mended_line, table_of

        lines = self.text.splitlines()
        if not 0 < number <= len(lines) or len(lines[number - 1]) > _MOST_SHOWN:
            return "", ""
        mended = mended_line(lines[number - 1], table_of(lines, number), _KINDS)
        return lines[number - 1].strip(), f": write {mended}" if mended else ""


def _configuration(path: str, text: str, table: dict[str, Any]) -> ProjectConfiguration:
    values: dict[str, Any] = {}
    file = _WrittenConfiguration(path, text)
    for key, value in table.items():
        if key not in KEYS:
            from difflib import get_close_matches

            near = get_close_matches(key.replace("_", "-"), KEYS, n=2)
            remedy = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(KEYS)}"
            raise UsageError(f"{file.place(key)}: unknown configuration key {key}, {remedy}")
        if key in _TEXT:
            checked: Any = _string(file, key, value)
        elif key in _LISTS:
            checked = _strings(file, key, key, value)
        elif key in _NUMBERS:
            checked = _jobs(file, key, value)
        else:
            checked = _table(file, key, value)
        values[key.replace("-", "_")] = checked
    return ProjectConfiguration(
        path=path,
        folder=os.path.dirname(os.path.abspath(path)),
        key_lines={key: number for key in table if (number := _line(text, key))},
        **values,
    )


def _table(file: _WrittenConfiguration, key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(
            f"{file.place(key)}: {key} must be a table, is {_named(value)}: write [{key}] above it"
        )
    if key == "severity":
        return {check: _severity(file, check, word) for check, word in value.items()}
    if key == "feature-gates":
        return {gate: _boolean(file, gate, f"{key}.{gate}", state) for gate, state in value.items()}
    return {glob: _strings(file, glob, f"{key}.{glob}", ids) for glob, ids in value.items()}


def _severity(file: _WrittenConfiguration, check: str, word: object) -> str:
    if word not in ("error", "warning", "note"):
        shown = word if isinstance(word, str) else _named(word)
        raise UsageError(f"{file.place(check)}: severity.{check} must be error, warning or note, is {shown}")
    return str(word)


def _boolean(file: _WrittenConfiguration, gate: str, name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise file.wrong(gate, f"{name} must be true or false, is {_named(value)}")
    return value


def _jobs(file: _WrittenConfiguration, key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_JOBS:
        raise file.wrong(key, f"{key} must be a number from 1 to {MOST_JOBS}, is {_named(value)}")
    return value


def _string(file: _WrittenConfiguration, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise file.wrong(key, f"{key} must be a string, is {_named(value)}")
    return value


def _strings(file: _WrittenConfiguration, key: str, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise file.wrong(key, f"{name} must be a list of strings, is {_named(value)}")
    for item in value:
        if not isinstance(item, str):
            raise file.wrong(key, f"{name} must be a list of strings, has {_named(item)}")
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


def _line(text: str, key: str) -> int:
    """Give the line (1-based) that sets `key` (or opens its table), 0 when it is written otherwise."""
    quoted = re.escape(key)
    match = re.search(rf"^\s*(?:\[(?:tool\.podproof\.)?)?[\"']?{quoted}[\"']?\s*[\].=]", text, re.MULTILINE)
    return text.count("\n", 0, match.end()) + 1 if match else 0


def choose_version(configuration: ProjectConfiguration, asked: str | None) -> Minor:
    """Read the Kubernetes version of the command line, else the configuration's, else the newest known.

    Raises UsageError: it is not a version.
    """
    with naming(configuration, "kubernetes-version", configuration.kubernetes_version and not asked):
        return parse_version(asked or configuration.kubernetes_version or "latest")


def choose_runtime(configuration: ProjectConfiguration, asked: str | None) -> RuntimeProfile:
    """Give the runtime of the command line, else the configuration's, else the default one.

    Raises UsageError: it is not a known one.
    """
    with naming(configuration, "runtime", configuration.runtime and asked is None):
        return parse_runtime((configuration.runtime or DEFAULT_RUNTIME) if asked is None else asked)


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
def naming(configuration: ProjectConfiguration, key: str, said_there: object) -> Iterator[None]:
    """Name the configuration's file and the line of the key in what is wrong with a value from there."""
    try:
        yield
    except UsageError as error:
        number = configuration.key_lines.get(key)
        place = f"{configuration.path}:{number}" if number else configuration.path
        raise UsageError(f"{place}: {error}") if said_there else error from error
