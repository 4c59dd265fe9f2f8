"""The integers that a typed pod may hold: 32 bits, but 64 where the API has 64."""

from typing import Any

import msgspec
import pytest

from podproof.kube.pod import raw_pod


def pod(**fields: Any) -> dict[str, Any]:
    context = {key: value for key, value in fields.items() if key != "containerPort"}
    ports = [{"containerPort": fields["containerPort"]}] if "containerPort" in fields else []
    return {"spec": {"containers": [{"name": "c", "ports": ports}], "securityContext": context}}


@pytest.mark.parametrize(("field", "bits"), [("containerPort", 31), ("runAsUser", 63), ("fsGroup", 63)])
def test_the_size(field: str, bits: int) -> None:
    for value in (-(1 << bits), (1 << bits) - 1):
        assert raw_pod(pod(**{field: value})).spec is not None
    for value in (-(1 << bits) - 1, 1 << bits):
        with pytest.raises(msgspec.ValidationError):
            raw_pod(pod(**{field: value}))


@pytest.mark.parametrize("value", [True, 1.0, "1", []])
@pytest.mark.parametrize("field", ["containerPort", "runAsUser"])
def test_what_is_no_integer(field: str, value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        raw_pod(pod(**{field: value}))
