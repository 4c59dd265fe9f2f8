"""Parts of a request that nobody sets ask the runtime for nothing: CRI's zero values, save for a few.

Source: CRI, api.proto. A pod shares nothing by default, so that a container's processes are its own
(CONTAINER, which is 1 there).
"""

import inspect
from typing import Any

import msgspec
import pytest

from podproof.kubelet import cri

STRUCTS = [
    one
    for _, one in inspect.getmembers(cri, inspect.isclass)
    if issubclass(one, msgspec.Struct) and one.__module__ == cri.__name__
]
OTHERS = {
    ("NamespaceOption", "network"): "POD",
    ("NamespaceOption", "ipc"): "POD",
    ("NamespaceOption", "pid"): "CONTAINER",
    ("LinuxContainerSecurityContext", "supplemental_groups_policy"): "Merge",
}
DEFAULTS = [
    (
        struct.__name__,
        field.name,
        field.default if field.default is not msgspec.NODEFAULT else field.default_factory(),
    )
    for struct in STRUCTS
    for field in msgspec.structs.fields(struct)
    if not field.required
]


@pytest.mark.parametrize(("struct", "field", "default"), DEFAULTS, ids=[f"{s}.{f}" for s, f, _ in DEFAULTS])
def test_default(struct: str, field: str, default: Any) -> None:
    if isinstance(default, msgspec.Struct):
        assert default == type(default)()
    else:
        zero = OTHERS.get((struct, field))
        assert default == zero if zero is not None else not default


def test_the_exceptions_exist() -> None:
    assert OTHERS.keys() <= {(struct, field) for struct, field, _ in DEFAULTS}
