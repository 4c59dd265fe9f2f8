"""The registry of a Quobyte volume: pairs of host and port, as Go's net.SplitHostPort takes them.

Source: kubernetes 1.37.2 pkg/apis/core/validation, validateQuobyteVolumeSource; Go 1.26 net/ipsock.go.
"""

from collections.abc import Callable
from typing import Any

import pytest

Judge = Callable[..., list[str]]

PAIRS = "must be a host:port pair or multiple pairs separated by commas"
AT = "spec.volumes[0].quobyte"


def judged(judge: Judge, **source: Any) -> list[str]:
    return judge(spec={"volumes": [{"name": "v", "quobyte": {"volume": "x", **source}}]})


@pytest.mark.parametrize(
    "registry",
    ["a:1", ":1", "a:", ":", "a.b:http", "~:~", "[::1]:80", "[a]:", "[]:1", "[a]:~", "a:1,[::1]:2", "a b:1"],
)
def test_pairs(judge: Judge, registry: str) -> None:
    assert judged(judge, registry=registry) == []


@pytest.mark.parametrize(
    "registry",
    ["a", "a:1:2", "::1", "[a]", "[a", "[", "[a]80", "[a]:8:0", "[[a]:80", "[a]:8]", "[a]:8[", "a[:1", "a]:1",
     "a:1,", ",a:1", "a:1,b"],
)  # fmt: skip
def test_no_pairs(judge: Judge, registry: str) -> None:
    assert judged(judge, registry=registry) == [f'{AT}.registry: Invalid value: "{registry}": {PAIRS}']


@pytest.mark.parametrize(
    ("source", "errors"),
    [
        ({"registry": "a,b"}, [f'{AT}.registry: Invalid value: "a,b": {PAIRS}']),
        ({}, [f"{AT}.registry: Required value: {PAIRS}"]),
        ({"registry": ""}, [f"{AT}.registry: Required value: {PAIRS}"]),
        ({"registry": "a:1", "volume": ""}, [f"{AT}.volume: Required value"]),
        ({"registry": "a:1", "tenant": "t" * 64}, []),
        (
            {"registry": "a:1", "tenant": "t" * 65},
            [f"{AT}.tenant: Required value: must be a UUID and may not exceed a length of 64 characters"],
        ),
    ],
)
def test_what_else_is_judged(judge: Judge, source: dict[str, Any], errors: list[str]) -> None:
    assert judged(judge, **source) == errors
