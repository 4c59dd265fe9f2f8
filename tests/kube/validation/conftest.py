"""What the tests of validation share: a pod with one change, defaulted and judged."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.validation import validate

Judge = Callable[..., list[str]]


def _pod(
    container: dict[str, Any], spec: dict[str, Any], annotations: dict[str, str] | None
) -> dict[str, Any]:
    first = {"name": "c", "image": "i:1", **container}
    metadata: dict[str, Any] = {"name": "p"}
    if annotations:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": {"containers": [first], **spec}}


@pytest.fixture
def judge() -> Judge:
    """Give a function that returns the messages for a pod with the given container, spec and annotations."""

    def run(
        container: dict[str, Any] | None = None,
        spec: dict[str, Any] | None = None,
        annotations: dict[str, str] | None = None,
    ) -> list[str]:
        pod = copy.deepcopy(_pod(container or {}, spec or {}, annotations))
        apply_defaults("Pod", pod)
        return [error.text for error in validate("Pod", pod, version=37)]

    return run
