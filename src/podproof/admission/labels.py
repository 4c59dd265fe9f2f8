"""Namespace labels to the policy of a namespace: what is enforced, audited and warned about.

Labels and the cluster's defaults come in; a policy always comes out, and with it what is wrong with the
labels. A wrong enforce level means restricted; wrong audit and warn levels mean privileged; wrong versions
mean latest.
Source: k8s.io/pod-security-admission v0.37.2 api/helpers.go PolicyToEvaluate.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import cast

import msgspec

from ..kube.field_error import Errors, FieldError, invalid
from ..policies.levels import LEVEL_DETAIL, LEVELS, Level, LevelVersion, is_level, minor_of

__all__ = ["MODES", "PREFIX", "Policy", "is_equivalent", "is_fully_privileged", "policy_of", "stricter"]

PREFIX = "pod-security.kubernetes.io/"
MODES = ("enforce", "audit", "warn")
_KEYS = tuple(f"{PREFIX}{mode}{suffix}" for mode in MODES for suffix in ("", "-version"))
_PRIVILEGED = LevelVersion("privileged")


class Policy(msgspec.Struct, frozen=True):
    """What holds in a namespace; without anything said, everything is privileged:latest."""

    enforce: LevelVersion = _PRIVILEGED
    audit: LevelVersion = _PRIVILEGED
    warn: LevelVersion = _PRIVILEGED


def policy_of(labels: Mapping[str, str] | None, defaults: Policy) -> tuple[Policy, list[FieldError]]:
    """Work out the policy of a namespace and what is wrong with its labels, in upstream's order."""
    named = tuple([(key, labels[key] or "") for key in _KEYS if key in labels]) if labels else ()
    if not named:
        return defaults, []
    policy, errors = _policy_of(named, defaults)
    return policy, list(errors)


@lru_cache(maxsize=256)
def _policy_of(named: tuple[tuple[str, str], ...], defaults: Policy) -> tuple[Policy, tuple[FieldError, ...]]:
    """Work out the policy of these labels; the namespaces of a cluster have few combinations of them."""
    labels = dict(named)
    errors = Errors()
    modes = {}
    fallback: dict[str, Level] = {"enforce": "restricted", "audit": "privileged", "warn": "privileged"}
    valid_enforce = False
    for mode in MODES:
        default: LevelVersion = getattr(defaults, mode)
        level, version = default.level, default.version
        key = PREFIX + mode
        if key in labels:
            text = labels[key]
            if is_level(text):
                level = cast("Level", text)
                valid_enforce = valid_enforce or mode == "enforce"
            else:
                level = fallback[mode]
                _blame(errors, key, text, LEVEL_DETAIL)
        key = f"{PREFIX}{mode}-version"
        if key in labels:
            version = labels[key]
            try:
                minor_of(version)
            except ValueError as error:
                _blame(errors, key, version, str(error))
                version = "latest"
        modes[mode] = LevelVersion(level, version)
    warn, enforce = modes["warn"], modes["enforce"]
    if f"{PREFIX}warn" not in labels and valid_enforce and stricter(enforce.level, warn.level):
        version = warn.version if f"{PREFIX}warn-version" in labels else enforce.version
        modes["warn"] = LevelVersion(enforce.level, version)
    return Policy(**modes), tuple(errors)


def _blame(errors: Errors, key: str, value: str, detail: str) -> None:
    invalid(errors, ("metadata", "labels", key), value, detail, field=f"metadata.labels[{key}]")


def stricter(one: Level, other: Level) -> bool:
    """Say whether a level is stricter than another."""
    return LEVELS.index(one) > LEVELS.index(other)


def is_equivalent(one: Policy, other: Policy) -> bool:
    """Say whether two policies judge alike: versions do not count where a level is privileged."""
    return all(
        (a.level == b.level == "privileged") or a == b
        for a, b in ((one.enforce, other.enforce), (one.audit, other.audit), (one.warn, other.warn))
    )


def is_fully_privileged(policy: Policy) -> bool:
    """Say whether all three modes are privileged, whatever their versions."""
    return policy.enforce.level == policy.audit.level == policy.warn.level == "privileged"
