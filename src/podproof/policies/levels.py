"""The levels and versions of the Pod Security Standards: a text comes in, what it asks for goes out.

Source: k8s.io/pod-security-admission v0.37.2, api/helpers.go and api/constants.go; the words after "must be"
are upstream's.
"""

import re
from typing import Literal, cast

import msgspec

from ..errors import UsageError

Level = Literal["privileged", "baseline", "restricted"]
LEVELS: tuple[Level, ...] = ("privileged", "baseline", "restricted")
LEVEL_DETAIL = "must be one of privileged, baseline, restricted"
VERSION_DETAIL = 'must be "latest" or "v1.x"'
LATEST = "latest"

_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)", re.ASCII)
_KUBERNETES = re.compile(r"v?1\.(0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_MAX_INT = 2**63 - 1
"""Largest minor version that upstream reads: strconv.Atoi on 64 bits."""


class LevelVersion(msgspec.Struct, frozen=True):
    """A level at a version, as asked; `version` is `latest` or `v1.N`, maybe newer than what is known."""

    level: Level
    version: str = LATEST

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


def is_level(text: str) -> bool:
    """Say whether a text names a level; case counts."""
    return text in LEVELS


def minor_of(version: str) -> int | None:
    """Return N of `v1.N`, None for `latest`.

    Raises ValueError, with upstream's words: anything else (`1.25`, `v1.05`, `v2.0`, `v1.25.3`).
    """
    if version == LATEST:
        return None
    match = _VERSION.fullmatch(version)
    if match is None or len(match[1]) > 19 or int(match[1]) > _MAX_INT:
        raise ValueError(VERSION_DETAIL)
    return int(match[1])


def level_note(level: LevelVersion, newest: int) -> str:
    """Say as which version a level newer than 1.`newest`, the newest known, is judged; "" for any other.

    Privileged is the same at every version.
    """
    minor = minor_of(level.version)
    if level.level == "privileged" or minor is None or minor <= newest:
        return ""
    return f"{level} is newer than every version that is known: judged as {level.level}:v1.{newest}"


def parse_level_version(text: str, version: str | None = None) -> LevelVersion:
    """Read `restricted`, `restricted:latest` or `baseline:v1.25`; `version` holds when the text has none.

    Versions are read with and without `v` here, unlike in a namespace's labels (`minor_of`).
    Raises UsageError: the level or the version is none; it names the nearest level.
    """
    if not isinstance(text, str):
        raise UsageError(f"level must be text such as restricted, has {text!r}")
    level, colon, after = text.partition(":")
    after = _with_v(after)
    version = version and _with_v(version)
    if colon and version not in (None, LATEST, after):
        raise UsageError(f'level "{text}" and version "{version}" differ; write only one version')
    if not is_level(level):
        raise UsageError(f'level "{level}" {LEVEL_DETAIL}{_nearest(level)}')
    asked = after if colon else LATEST if version is None else version
    try:
        minor_of(asked)
    except ValueError as error:
        raise UsageError(f'version "{asked}" of level {level} {error}{_respelt(asked)}') from error
    return LevelVersion(cast("Level", level), asked)


def kubernetes_minor(version: str, newest: int) -> int:
    """Return N of a Kubernetes version `v1.N`, `1.N` or `v1.N.P`; `latest` and newer are the newest known.

    Raises UsageError: it is none of these.
    """
    if version == LATEST:
        return newest
    match = _KUBERNETES.fullmatch(version)
    if match is None or len(match[1]) > 19:
        raise UsageError(f'kubernetes version "{version}" must be "latest" or "v1.x", e.g. v1.{newest}')
    return min(int(match[1]), newest)


def _nearest(level: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(level.lower(), LEVELS)
    return f"; did you mean {near[0]}?" if near else ""


def _with_v(version: str) -> str:
    return f"v{version}" if version.startswith("1.") else version


def _respelt(version: str) -> str:
    """Guess what was meant: `1.25` and `v1.25.3` are v1.25."""
    match = _KUBERNETES.fullmatch(version)
    return f"; did you mean v1.{match[1]}?" if match else ""
