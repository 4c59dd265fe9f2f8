"""PodSecurityPolicy on a server of today, from end to end: the recorded stories, told to a real API server.

The policies are custom resources of Podproof's own, RBAC says who may use them, `/mutate` fills in and
`/validate` denies. A server 1.24 with the plugin answered when the stories were recorded; what differs since
is known, and nothing else may.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conformance.stories import recorded
from conformance.test_psp_stories_today import (
    differences,
    effective,
    reason_of_pod,
    reason_of_verdict,
)
from waiting import wait_until

from podproof.admission.decision import Decision
from podproof.session.crds.definitions import definitions

from .api_server import ApiServer, Reply, api_server
from .installed import MUTATING, VALIDATING, configurations, install
from .plugin import make_runtime_class
from .watched import watching

_OWN = "podproof.dev/v1alpha1"
_POLICIES = f"/apis/{_OWN}/podsecuritypolicies"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_CONFIGURATION = {
    "apiVersion": _OWN,
    "kind": "PodproofConfiguration",
    "podSecurityPolicy": {"enabled": True, "grantGroups": ["podproof.dev", "policy", "extensions"]},
}
_DENIED = re.compile(rf'^admission webhook "(?:{VALIDATING}|{MUTATING})" denied the request: ')
_ANY = {"rule": "RunAsAny"}
_MARKER = {
    "apiVersion": _OWN,
    "kind": "PodSecurityPolicy",
    "metadata": {"name": "marker"},
    "spec": dict.fromkeys(("seLinux", "runAsUser", "supplementalGroups", "fsGroup"), _ANY)
    | {"volumes": ["*"]},
}
_PROBE = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "probe"},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}
_USE = [{"apiGroups": ["podproof.dev"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}]


class _Told:
    """The server, and how it is waited for until Podproof has heard of what was made there."""

    def __init__(self, server: ApiServer) -> None:
        self.server = server

    def make(self, one: dict[str, Any]) -> None:
        """Create an object of RBAC."""
        namespace = one["metadata"].get("namespace")
        where = f"/namespaces/{namespace}" if namespace else ""
        self.server.must("POST", f"{_RBAC}{where}/{one['kind'].lower()}s", one)

    def ask(self, method: str, path: str, body: Any, user: str, **options: Any) -> Reply:
        """Send a request of a user in no group."""
        return self.server.request(method, path, body, user=user, groups=["nobody"], **options)

    def settle(self, namespace: str, *, grants: bool) -> None:
        """Wait until all that was made so far is known: of each kind one more is made, and used.

        What came before it is known then, since a watch tells in order. The last policy is taken away again.
        """
        users = [f"marker-cluster-{namespace}", f"marker-{namespace}"]
        if grants:
            self._grant(namespace, users)
        self.server.must("POST", _POLICIES, _MARKER)
        path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
        for user in users:
            wait_until(lambda user=user: self._is_admitted(path, user), f"the use of a policy by {user}")
        self.server.must("DELETE", f"{_POLICIES}/marker")
        wait_until(lambda: not self._is_admitted(path, users[0]), "the end of a policy")

    def _is_admitted(self, path: str, user: str) -> bool:
        return self.ask("POST", path, _PROBE, user).status == 201

    def _grant(self, namespace: str, users: list[str]) -> None:
        rules = [{**rule, "resourceNames": ["marker"]} for rule in _USE]
        for user, prefix, where in zip(users, ("Cluster", ""), ({}, {"namespace": namespace}), strict=True):
            metadata = {"name": user, **where}
            reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": f"{prefix}Role", "name": user}
            subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]
            self.make({"kind": f"{prefix}Role", "metadata": metadata, "rules": rules})
            bound = {"roleRef": reference, "subjects": subjects}
            self.make({"kind": f"{prefix}RoleBinding", "metadata": metadata, **bound})


@contextlib.contextmanager
def _scene(folder: Path) -> Iterator[_Told]:
    (folder / "server").mkdir()
    configuration = folder / "podproof.yaml"
    configuration.write_text(yaml.safe_dump(_CONFIGURATION))
    without = "--disable-admission-plugins=PodSecurity"
    with api_server(folder / "server", without) as server:
        for name in ("rc", "rc2"):
            make_runtime_class(server, name)
        for definition in definitions():
            server.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
        wait_until(lambda: server.request("GET", _POLICIES).status == 200, "the new kinds")
        with watching(folder, server, "--config", str(configuration)) as served:
            served.wait_for("cluster synced")
            address = f"https://localhost:{served.port}"
            options = {"mode": "enforcing", "pod_security_policy": True}
            install(server, configurations(address, served.certificate, **options))
            yield _Told(server)


def _tell(told: _Told, story: dict[str, Any], tally: Counter[str]) -> Iterator[str]:
    """Tell a story, and say what differs from it without a reason."""
    namespace, server = story["namespace"], told.server
    server.must("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    taken = [one["object"] for one in story["policies"] if one["answer"]["code"] < 300]
    for policy in taken:
        server.must("POST", _POLICIES, {**policy, "apiVersion": _OWN})
    for one in story["objects"]:
        told.make(one)
    told.settle(namespace, grants=True)
    there = {policy["metadata"]["name"] for policy in taken}
    for index, step in enumerate(story["steps"]):
        if step["op"] == "delete-policy":
            server.must("DELETE", f"{_POLICIES}/{step['name']}")
            there.remove(step["name"])
            told.settle(namespace, grants=False)
            continue
        reply = told.ask(
            step["method"], step["path"], step["body"], step["user"], content_type=step["content_type"]
        )
        if reply.status == 404:
            tally["a pod that is not there today"] += 1
        elif different := _compare(step, reply, tally):
            yield f"story {story['id']}, step {index}, {step['op']}: {different}"
    for name in there:
        server.must("DELETE", f"{_POLICIES}/{name}")


def _compare(step: dict[str, Any], reply: Reply, tally: Counter[str]) -> str:
    answer = step["answer"]
    allowed = reply.status < 300
    message = None if allowed else _DENIED.sub("", reply.message or "")
    if allowed != (answer["code"] < 300):
        decision = Decision(allowed, None if allowed else reply.status, message)
        reason = reason_of_verdict(step, decision)
        tally[reason] += 1
        return (
            "" if reason else f"{reply.status} {message}\n  instead of {answer['code']} {answer['message']}"
        )
    if not allowed:
        tally["the same refusal"] += 1
        first = str(answer["message"]).partition(" pod: [")[0]
        return "" if (message or "").startswith(first) else f"{message}\n  instead of {answer['message']}"
    found = list(differences(effective(reply.value), effective(answer["object"])))
    reason = reason_of_pod(step, found) if found else "the same pod"
    tally[reason] += 1
    return "" if reason else str(found)


@pytest.mark.parametrize("every", [15, pytest.param(1, marks=pytest.mark.slow)])
def test_the_stories_end_as_they_did(tmp_path: Path, every: int) -> None:
    tally: Counter[str] = Counter()
    with _scene(tmp_path) as told:
        found = [one for story in recorded("psp")[::every] for one in _tell(told, story, tally)]
    print(dict(tally))
    assert not found, f"{len(found)}:\n" + "\n".join(found[:10])
    assert (tally["the same pod"] + tally["the same refusal"]) * every > 600
