"""Podproof's own kinds end to end: a real API server stores them, and `serve` watches and enforces them."""

from collections.abc import Iterator
from typing import Any

import pytest
from session.manifests.installations import values
from waiting import wait_until

from podproof.session.crds.definitions import definitions

from .api_server import ApiServer, Reply, api_server
from .guarded import ENFORCE, is_denied, pod
from .installed import MUTATING, configurations, install
from .watched import watching

OWN = "/apis/podproof.dev/v1alpha1"
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PODS = "/api/v1/namespaces/shop/pods"
TENANTS = ("tenants",)
CONFIGURATION = """\
apiVersion: podproof.dev/v1alpha1
kind: PodproofConfiguration
podSecurityPolicy: {enabled: true, exemptNamespaces: [open]}
podSecurityExemption: {enabled: true}
"""
ANY = {"rule": "RunAsAny"}
POLICY: dict[str, Any] = {
    "apiVersion": "policy/v1beta1",
    "kind": "PodSecurityPolicy",
    "metadata": {"name": "filling"},
    "spec": {
        "readOnlyRootFilesystem": True,
        "hostPID": True,
        "seLinux": ANY,
        "runAsUser": ANY,
        "supplementalGroups": ANY,
        "fsGroup": ANY,
        "volumes": ["*"],
    },
}
ANNOTATIONS = {"seccomp.security.alpha.kubernetes.io/allowedProfileNames": "*"}


def _namespace(name: str, level: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {ENFORCE: level}}}


def _grant(server: ApiServer, user: str) -> None:
    """Let a user make pods, and use the policy."""
    rules = [
        {"apiGroups": [""], "resources": ["pods", "pods/ephemeralcontainers"], "verbs": ["*"]},
        {"apiGroups": ["podproof.dev"], "resources": ["podsecuritypolicies"], "verbs": ["use"]},
    ]
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole"}
    for number, rule in enumerate(rules):
        name = f"{user}-{number}"
        if user == "bob" and number:
            break  # makes pods, and may use no policy
        server.must("POST", f"{RBAC}/clusterroles", {"metadata": {"name": name}, "rules": [rule]})
        binding = {
            "metadata": {"name": name},
            "roleRef": {**reference, "name": name},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        }
        server.must("POST", f"{RBAC}/clusterrolebindings", binding)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("own")
    options = ("--disable-admission-plugins=PodSecurity,ServiceAccount,Priority", "--authorization-mode=RBAC")
    with api_server(folder, *options) as running:
        for definition in definitions():
            running.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        wait_until(lambda: running.request("GET", f"{OWN}/podsecurityexemptions").status == 200, "the kinds")
        for name, level in (("shop", "baseline"), ("open", "baseline")):
            running.must("POST", "/api/v1/namespaces", _namespace(name, level))
        for user in ("ann", "bob"):
            _grant(running, user)
        policy = {**POLICY, "apiVersion": "podproof.dev/v1alpha1"}
        policy["metadata"] = {**POLICY["metadata"], "annotations": ANNOTATIONS}
        running.must("POST", f"{OWN}/podsecuritypolicies", policy)
        (folder / "configuration.yaml").write_text(CONFIGURATION)
        served_from = folder / "served"
        served_from.mkdir()
        with watching(served_from, running, "--config", str(folder / "configuration.yaml")) as served:
            address = f"https://localhost:{served.port}"
            made = configurations(address, served.certificate, mode="enforcing", pod_security_policy=True)
            assert len([one for one in values() if one["kind"] == "CustomResourceDefinition"]) == 2
            install(running, made)
            yield running


def _create(server: ApiServer, body: dict[str, Any], user: str, path: str = PODS) -> Reply:
    return server.request("POST", path, body, user=user, groups=TENANTS)


def test_what_the_policy_fills_in_is_stored(server: ApiServer) -> None:
    reply = _create(server, pod("filled", {}), "ann")
    assert reply.status == 201, reply
    assert reply.value["metadata"]["annotations"] == {"kubernetes.io/psp": "filling"}
    assert reply.value["spec"]["containers"][0]["securityContext"] == {"readOnlyRootFilesystem": True}


def test_who_may_use_no_policy_makes_no_pod(server: ApiServer) -> None:
    reply = _create(server, pod("unusable"), "bob")
    assert reply.status == 403
    assert reply.message == (
        f'admission webhook "{MUTATING}" denied the request: pods "unusable" is forbidden: '
        "PodSecurityPolicy: unable to admit pod: []"
    )


def test_what_the_policy_forbids_is_denied_as_it_was(server: ApiServer) -> None:
    reply = _create(server, pod("privileged", {"privileged": True}), "ann")
    assert reply.status == 403
    assert reply.message == (
        f'admission webhook "{MUTATING}" denied the request: pods "privileged" is forbidden: '
        "PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.privileged: "
        "Invalid value: true: Privileged containers are not allowed]"
    )


def test_ephemeral_containers_are_judged_and_filled_in(server: ApiServer) -> None:
    assert _create(server, pod("debugged", {}), "ann").status == 201
    path = f"{PODS}/debugged/ephemeralcontainers"

    def debug(context: dict[str, Any]) -> Reply:
        container = {"name": "d", "image": "i:1", "securityContext": context}
        patch = {"spec": {"ephemeralContainers": [container]}}
        kind = "application/strategic-merge-patch+json"
        return server.request("PATCH", path, patch, user="ann", groups=TENANTS, content_type=kind)

    refused = debug({"privileged": True})
    assert (refused.status, "Privileged containers are not allowed" in str(refused.message)) == (403, True)
    added = debug({})
    assert added.status == 200, added
    assert added.value["spec"]["ephemeralContainers"][0]["securityContext"] == {
        "readOnlyRootFilesystem": True
    }
    labels = {"metadata": {"labels": {"x": "y"}}}
    kind = "application/merge-patch+json"
    labelled = server.request(
        "PATCH", f"{PODS}/debugged", labels, user="ann", groups=TENANTS, content_type=kind
    )
    assert labelled.status == 200, labelled


def test_an_exemption_counts_once_it_is_there_and_no_longer(server: ApiServer) -> None:
    exempt = pod("exempt", {}, hostPID=True)
    before = _create(server, exempt, "ann", f"{PODS}?dryRun=All")
    assert is_denied(before, 'pods "exempt" is forbidden: violates PodSecurity "baseline:latest": host')
    exemption = {
        "apiVersion": "podproof.dev/v1alpha1",
        "kind": "PodSecurityExemption",
        "metadata": {"name": "agent"},
        "spec": {
            "owner": "team-a",
            "reason": "looks at processes of the node",
            "expires": "2999-01-01T00:00:00Z",
            "namespaces": ["shop"],
            "checks": ["hostNamespaces"],
        },
    }
    server.must("POST", f"{OWN}/podsecurityexemptions", exemption)

    def status() -> int:
        return _create(server, exempt, "ann", f"{PODS}?dryRun=All").status

    wait_until(lambda: status() == 201, "the exemption")
    elsewhere = _create(server, exempt, "ann", "/api/v1/namespaces/open/pods?dryRun=All")
    assert is_denied(elsewhere)
    ended = {"spec": {"expires": "2020-01-01T00:00:00Z"}}
    path = f"{OWN}/podsecurityexemptions/agent"
    kind = "application/merge-patch+json"
    assert server.request("PATCH", path, ended, content_type=kind).status == 200
    wait_until(lambda: status() == 403, "its end")
    denied = _create(server, exempt, "ann", f"{PODS}?dryRun=All")
    assert denied.warnings == [
        'PodSecurityExemption "agent" for hostNamespaces has no effect: it expired at '
        "2020-01-01T00:00:00Z; ask team-a"
    ]
    assert server.request("DELETE", path).status == 200


def test_tenants_can_make_neither(server: ApiServer) -> None:
    for plural in ("podsecurityexemptions", "podsecuritypolicies"):
        assert server.request("POST", f"{OWN}/{plural}", {}, user="ann", groups=TENANTS).status == 403


def test_a_policy_that_only_warns_is_watched_with_its_modes(server: ApiServer) -> None:
    strict = {
        **POLICY,
        "apiVersion": "podproof.dev/v1alpha1",
        "metadata": {"name": "strict"},
        "modes": ["warn"],
    }
    strict["spec"] = {**POLICY["spec"], "volumes": [], "hostPID": False}
    server.must("POST", f"{OWN}/podsecuritypolicies", strict)
    with_volume = pod("warned", {}, volumes=[{"name": "v", "emptyDir": {}}])

    def warnings() -> list[str]:
        reply = _create(server, with_volume, "ann", f"{PODS}?dryRun=All")
        assert reply.status == 201
        return reply.warnings

    wait_until(warnings, "the policy")
    assert warnings() == [
        "would violate PodSecurityPolicy: unable to validate pod: [spec.volumes[0]: Invalid value: "
        '"emptyDir": emptyDir volumes are not allowed to be used]'
    ]
    assert server.request("DELETE", f"{OWN}/podsecuritypolicies/strict").status == 200
