"""Which requests the API server sends to which path, and what happens when nobody answers."""

from typing import Any

import pytest
from commands.conftest import Run
from commands.conftest import podproof as podproof

from podproof.admission.pod_security import CONTROLLERS

from .installations import ENFORCING, IMAGE, WAYS, of_kind, selects, values, webhooks

_PATHS = {"validate": "/validate", "advise": "/advise", "warn": "/advise", "mutate": "/mutate"}
NAMESPACES = ("default", "shop", "bank", "kube-public", "calico-system", "123", "anything")


def _reviewed(webhook: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (group, resource)
        for rule in webhook["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize("way", WAYS)
def test_every_webhook_is_safe(way: str) -> None:
    objects = values(**WAYS[way])
    own = of_kind("Deployment", objects)["metadata"]["namespace"]
    for webhook in webhooks(objects):
        name = webhook["name"].removesuffix(".podproof.dev")
        assert webhook["sideEffects"] == "None"
        assert webhook["matchPolicy"] == "Equivalent"
        assert webhook["admissionReviewVersions"] == ["v1"]
        assert 3 <= webhook["timeoutSeconds"] <= 5
        assert "objectSelector" not in webhook  # tenants write labels of objects
        assert "matchConditions" not in webhook
        assert webhook["clientConfig"]["service"] == {
            "name": "podproof-webhook",
            "namespace": own,
            "port": 443,
            "path": _PATHS[name],
        }
        assert not selects(webhook, "kube-system")
        assert not selects(webhook, own)
        for rule in webhook["rules"]:
            assert rule["operations"] == ["CREATE", "UPDATE"]
        assert webhook["failurePolicy"] == ("Fail" if name in ("validate", "mutate") else "Ignore")
        assert ("reinvocationPolicy" in webhook) == (name == "mutate")
        if ("", "pods") in _reviewed(webhook):
            assert {("", "pods/ephemeralcontainers"), ("", "pods/resize")} <= _reviewed(webhook)


@pytest.mark.parametrize("way", WAYS)
def test_every_namespace_is_either_guarded_or_advised_of_pods_and_labels(way: str) -> None:
    objects = values(**WAYS[way])
    enforced = WAYS[way].get("enforce_namespaces", NAMESPACES if WAYS[way].get("mode") else ())
    for namespace in NAMESPACES:
        by = webhooks([of_kind("ValidatingWebhookConfiguration", objects)])
        asked = {one["name"]: _reviewed(one) for one in by if selects(one, namespace)}
        if namespace in WAYS[way].get("exclude_namespaces", ()):
            assert not asked
            continue
        guard = "validate.podproof.dev" if namespace in enforced else "advise.podproof.dev"
        assert set(asked) == {guard, "warn.podproof.dev"}
        assert ("", "namespaces") in asked[guard]
        assert ("", "pods") in asked[guard]
        assert asked["warn.podproof.dev"] == CONTROLLERS


def test_nothing_is_changed_unless_policies_are_in_force_and_enforced() -> None:
    changing = {
        way
        for way in WAYS
        if any(one["kind"] == "MutatingWebhookConfiguration" for one in values(**WAYS[way]))
    }
    assert changing == {"policies", "policies everywhere"}
    objects = values(**WAYS["policies"])
    (mutate,) = webhooks([of_kind("MutatingWebhookConfiguration", objects)])
    validate = next(webhooks([of_kind("ValidatingWebhookConfiguration", objects)]))
    assert mutate["namespaceSelector"] == validate["namespaceSelector"]


def test_what_reviews_requests_is_created_last() -> None:
    kinds = [one["kind"] for one in values(**ENFORCING, pod_security_policy=True)]
    assert kinds[0] == "Namespace"
    assert kinds[-2:] == ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]


def test_the_output_is_the_same_every_time(podproof: Run) -> None:
    options = ("--mode=enforcing", "--enforce-namespace=shop,bank", "--exclude-namespace=a1,b1")
    written = {
        podproof("manifests", f"--image={IMAGE}", *options, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(written) == 1
