# ruff: noqa: E501 - a field, its value, what stands beside it and the answer stand on one line
"""Which ignored values would give a process more, were they written where they take effect."""

from typing import Any

import pytest

from podproof.effective.runtime import RUNTIMES
from podproof.fixes.loosening import loosens

UNCONFINED = [
    ({"type": "Unconfined"}, True), ({}, True), ({"type": None}, True), (None, True), ("RuntimeDefault", True),
    ({"type": "RuntimeDefault"}, False), ({"type": "Localhost", "localhostProfile": "x"}, False),
]  # fmt: skip
TRUE = [(True, True), ("true", True), (False, False), ("false", False), (None, False), (1, False)]

CASES: list[tuple[str, Any, dict[str, Any], bool]] = [
    *((name, value, {}, more) for name in ("privileged", "hostNetwork", "hostPID", "hostIPC",
                                           "shareProcessNamespace", "hostProcess") for value, more in TRUE),
    *((name, value, {}, more) for name in ("seccompProfile", "appArmorProfile") for value, more in UNCONFINED),
    ("hostPort", 80, {}, True), ("hostPort", 0, {}, False), ("hostPort", None, {}, False),
    ("hostPath", {"path": "/"}, {}, True), ("hostPath", {}, {}, True), ("hostPath", None, {}, False),
    ("volumes", [{"name": "a"}, {"hostPath": None}], {}, True), ("volumes", [{"emptyDir": {}}], {}, False),
    ("volumes", [], {}, False), ("volumes", ["hostPath"], {}, False), ("volumes", "hostPath", {}, False),
    ("procMount", "Unmasked", {}, True), ("procMount", "Default", {}, False), ("procMount", "", {}, False),
    ("runAsUser", 0, {}, True), ("runAsUser", 1, {}, False), ("runAsUser", "0", {}, False),
    ("runAsNonRoot", False, {"runAsNonRoot": True}, True), ("runAsNonRoot", False, {}, False),
    ("runAsNonRoot", True, {"runAsNonRoot": True}, False),
    ("runAsNonRoot", False, {"runAsNonRoot": False}, False),
    ("windowsOptions", {"hostProcess": True}, {}, True), ("windowsOptions", {"hostProcess": False}, {}, False),
    ("windowsOptions", {}, {}, False), ("windowsOptions", "hostProcess", {}, False),
    ("add", ["SYS_ADMIN"], {}, True), ("add", ["NET_BIND_SERVICE"], {}, False),
    ("add", ["NET_BIND_SERVICE", "SYS_ADMIN"], {}, True), ("add", [], {}, False), ("add", "ALL", {}, False),
    ("add", ["NET_BIND_SERVICE"], {"drop": ["ALL"]}, True),
    ("add", ["NET_BIND_SERVICE"], {"drop": ["KILL", "NET_BIND_SERVICE"]}, True),
    ("add", ["NET_BIND_SERVICE"], {"drop": ["KILL"]}, False),
    ("add", [], {"drop": ["ALL"]}, False), ("add", ["NET_BIND_SERVICE"], {"drop": "ALL"}, False),
    ("capabilities", {"add": ["SYS_ADMIN"]}, {}, True), ("capabilities", {"add": ["KILL"]}, {}, False),
    ("capabilities", {"drop": ["ALL"]}, {}, False), ("capabilities", ["SYS_ADMIN"], {}, False),
    *((name, True, {}, False) for name in ("allowPrivilegeEscalation", "readOnlyRootFilesystem", "image", "name")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "beside", "more"), CASES)
def test_what_gives_more(name: str, value: Any, beside: dict[str, Any], more: bool) -> None:
    assert loosens(name, value, beside) is more


def test_all_that_every_runtime_grants_is_no_more() -> None:
    granted = sorted(frozenset.intersection(*(runtime.default_capabilities for runtime in RUNTIMES.values())))
    assert "NET_BIND_SERVICE" in granted
    assert not loosens("add", granted, {})
    assert loosens("add", [*granted, "SYS_ADMIN"], {})
    some = sorted(RUNTIMES["containerd-2.3.7"].default_capabilities.difference(granted))
    assert some
    assert all(loosens("add", [name], {}) for name in some), "not every runtime grants it"
