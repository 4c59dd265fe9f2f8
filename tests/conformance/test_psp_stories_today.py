"""The recorded stories of PodSecurityPolicy with another `apiVersion`, on a cluster of today.

A server 1.24 answered; Podproof answers as the webhook of a server of the newest version, whose policies are
the same with `apiVersion: podproof.dev/v1alpha1`. Compared are the verdict, and the pod as the policy filled
it in: every field, and the profile of seccomp and AppArmor that each container has in the end, which stood in
annotations then and stands in fields today.
"""

from collections import Counter
from typing import Any

import pytest

from podproof import Cluster
from podproof.admission.decision import Decision
from podproof.policies.psp.profile_words import profile_of, word_of

from .stories import merge, recorded, resource_of
from .test_psp_stories import _differences as differences

_STORIES = recorded("psp")
_CONFIGURATION = {
    "apiVersion": "podproof.dev/v1alpha1",
    "kind": "PodproofConfiguration",
    "podSecurityPolicy": {"enabled": True, "grantGroups": ["podproof.dev", "policy", "extensions"]},
}
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_OF = "container.seccomp.security.alpha.kubernetes.io/"
_APP_ARMOR_OF = "container.apparmor.security.beta.kubernetes.io/"
_NOT_MODELLED = ("tolerations", "priority", "preemptionPolicy", "enableServiceLinks")
tally: Counter[str] = Counter()


def effective(pod: dict[str, Any]) -> dict[str, Any]:
    """Give what a policy decides about a pod, with profiles by container and without their spelling."""
    annotations = pod["metadata"].get("annotations") or {}
    spec = dict(pod["spec"])
    own = dict(spec.get("securityContext") or {})
    of_pod = word_of(own.pop("seccompProfile", None)) or annotations.get(_SECCOMP, "")
    of_pod = word_of(profile_of(of_pod))
    spec["securityContext"] = own
    for list_ in ("initContainers", "containers"):
        spec[list_] = []
        for container in pod["spec"].get(list_) or ():
            context = dict(container.get("securityContext") or {})
            name = container["name"]
            seccomp = word_of(context.pop("seccompProfile", None)) or annotations.get(_SECCOMP_OF + name, "")
            armor = word_of(context.pop("appArmorProfile", None)) or annotations.get(_APP_ARMOR_OF + name, "")
            profiles = {"seccomp": word_of(profile_of(seccomp)) or of_pod, "appArmor": armor}
            spec[list_].append({**container, "securityContext": context, "profiles": profiles})
    for key in _NOT_MODELLED:
        spec.pop(key, None)
    return {"spec": spec, "psp": annotations.get("kubernetes.io/psp")}


def _ask(story: dict[str, Any], step: dict[str, Any], policies: list[Any], old: Any, body: Any) -> Decision:
    own = [{**policy, "apiVersion": "podproof.dev/v1alpha1"} for policy in policies]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": story["namespace"]}}
    cluster = Cluster.from_objects([_CONFIGURATION, namespace, *own, *story["objects"]])
    group, resource, _, sub_resource = resource_of(step["path"])
    return cluster.admit(
        {
            "uid": "1",
            "resource": {"group": group, "version": "v1", "resource": resource},
            "subResource": sub_resource,
            "namespace": story["namespace"],
            "userInfo": {"username": step["user"], "groups": ["system:authenticated"]},
            "operation": "CREATE" if old is None else "UPDATE",
            "object": body,
            "oldObject": old,
        },
        mutated=True,
    )


EPHEMERAL_JUDGED = "ephemeral containers are judged, which no server did"
EPHEMERAL_FILLED = "ephemeral containers are filled in, which no server did"
SYSCTL = "the server of today refuses the sysctl in the node's namespace itself"
UNCHANGED = "a pod that sets seccompProfile is not changed by every policy, so that another is the first"


def reason_of_verdict(step: dict[str, Any], decision: Decision) -> str:
    """Say why the verdict of today differs from the recorded one; "" where nothing explains it."""
    message = decision.message or ""
    if step["op"] == "ephemeral" and "PodSecurityPolicy: unable to admit pod: [" in message:
        return EPHEMERAL_JUDGED
    if step["op"] == "ephemeral" and "no providers available" in message:
        return EPHEMERAL_JUDGED
    return SYSCTL if decision.code == 422 and "may not be specified when 'host" in message else ""


def reason_of_pod(step: dict[str, Any], found: list[str]) -> str:
    """Say why the pod of today differs from the recorded one; "" where nothing explains it."""
    if step["op"] == "ephemeral" and all(one.startswith("spec.ephemeralContainers[") for one in found):
        return EPHEMERAL_FILLED
    spec = step["body"]["spec"]
    return UNCHANGED if (spec.get("securityContext") or {}).get("seccompProfile") else ""


@pytest.mark.parametrize("story", _STORIES, ids=lambda story: str(story["id"]))
def test_story_of_today(story: dict[str, Any]) -> None:
    policies = {
        entry["object"]["metadata"]["name"]: entry["object"]
        for entry in story["policies"]
        if entry["answer"]["code"] < 300
    }
    pods: dict[str, Any] = {}
    for index, step in enumerate(story["steps"]):
        if step["op"] == "delete-policy":
            del policies[step["name"]]
            continue
        resource = resource_of(step["path"])
        body, old, answer = step["body"], None, step["answer"]
        if step["method"] == "PATCH":
            if resource[2] not in pods:
                tally["a pod that is not there today"] += 1
                continue
            old = pods[resource[2]]
            body = merge(old, body, strategic="strategic" in step["content_type"])
        decision = _ask(story, step, list(policies.values()), old, body)
        allowed = answer["code"] < 300
        if decision.allowed != allowed:
            reason = reason_of_verdict(step, decision)
            tally[reason] += 1
            assert reason, f"step {index}, {step['op']}: {decision.message}\ninstead of\n{answer['message']}"
        elif allowed:
            found = list(differences(effective(decision.object), effective(answer["object"])))
            reason = reason_of_pod(step, found) if found else "the same pod"
            tally[reason] += 1
            assert reason, f"step {index}, {step['op']}: {found}"
        else:
            tally["the same refusal"] += 1
        if decision.allowed and old is None and "dryRun=All" not in step["path"]:
            pods[body["metadata"]["name"]] = decision.object


def test_what_differs_and_why() -> None:
    """Print what differs, and see that it is little (`-s`); it stands in docs/policies.md."""
    print(dict(tally))
    if tally["the same pod"] + tally["the same refusal"] > 500:  # all stories were told in this process
        assert tally[SYSCTL] + tally[UNCHANGED] < 10
