"""Rules that new pods have to follow and stored ones need not."""

import copy
from typing import Any

import pytest

from podproof.kube.defaults import apply_defaults
from podproof.kube.review import review
from podproof.kube.update import prepare_pod_update, validate_pod_update

BAD = {"matchExpressions": [{"key": "a", "operator": "In", "values": ["-bad-"]}]}
SPREAD = {"maxSkew": 1, "topologyKey": "k", "whenUnsatisfiable": "DoNotSchedule"}
TERM = {"topologyKey": "k", "labelSelector": BAD}
TOKEN = {"serviceAccountToken": {"path": "../t"}}
CLAIM = {"name": "v", "persistentVolumeClaim": {"claimName": "c"}}

TOLERATED: dict[str, dict[str, Any]] = {
    "huge pages": {"containers": [{"resources": {"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}}]},
    "affinity": {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [TERM]}}},
    "node affinity": {
        "affinity": {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [BAD]}}
        }
    },
    "spread": {"topologySpreadConstraints": [{**SPREAD, "labelSelector": BAD}]},
    "spread keys": {"topologySpreadConstraints": [{**SPREAD, "labelSelector": {}, "matchLabelKeys": ["/x"]}]},
    "token path": {
        "serviceAccountName": "default",
        "volumes": [{"name": "t", "projected": {"sources": [TOKEN]}}],
    },
    "sysctl": {
        "hostNetwork": True,
        "securityContext": {"sysctls": [{"name": "net.ipv4.ip_local_port_range", "value": "1"}]},
    },
    "device": {
        "hostUsers": False,
        "volumes": [CLAIM],
        "containers": [{"volumeDevices": [{"name": "v", "devicePath": "/dev/x"}]}],
    },
    "image volume": {"volumes": [{"name": "v", "image": {}}]},
    "sys admin": {
        "containers": [
            {
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"add": ["CAP_SYS_ADMIN"]},
                }
            }
        ]
    },
    "resize policy": {
        "initContainers": [
            {
                "name": "i",
                "image": "i",
                "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}],
            }
        ]
    },
}

NOT_TOLERATED = {
    "user": {"containers": [{"securityContext": {"runAsUser": -1}}]},
    "policy": {"restartPolicy": "Sometimes"},
    "token": {"volumes": [{"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": ""}}]}}]},
    "host": {"hostUsers": False, "hostPID": True},
    "topology key": {
        "affinity": {
            "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "/"}]}
        }
    },
    "weight": {
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 0, "podAffinityTerm": {"topologyKey": "k"}}
                ]
            }
        }
    },
    "operator": {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Is"}]}]
                }
            }
        }
    },
    "no values": {
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In"}]}]
                }
            }
        }
    },
    "skew": {"topologySpreadConstraints": [{**SPREAD, "maxSkew": 0}]},
}


def _pod(spec: dict[str, Any], *, stored: bool = False) -> dict[str, Any]:
    spec = copy.deepcopy(spec)
    containers = [{"name": "c", "image": "i", **extra} for extra in spec.pop("containers", [{}])]
    metadata = {"name": "p", "namespace": "n"}
    if stored:
        metadata |= {"uid": "1", "resourceVersion": "2"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": containers, **spec},
    }


def _errors(pod: dict[str, Any]) -> list[str]:
    return [error.text for error in review(pod, version=37).errors]


def _updated(new: dict[str, Any], old: dict[str, Any]) -> list[str]:
    for pod in (new, old):
        apply_defaults("Pod", pod)
    return [error.text for error in validate_pod_update(prepare_pod_update(new, old), old, version=37)]


@pytest.mark.parametrize("what", TOLERATED)
def test_what_is_stored_may_break_it(what: str) -> None:
    assert _errors(_pod(TOLERATED[what])), "a new pod is refused"
    assert _errors(_pod(TOLERATED[what], stored=True)) == []


@pytest.mark.parametrize("what", TOLERATED)
def test_an_update_may_keep_it_and_not_bring_it(what: str) -> None:
    kept = _pod(TOLERATED[what])
    kept["metadata"]["labels"] = {"a": "b"}
    assert _updated(kept, _pod(TOLERATED[what])) == []
    if what != "huge pages":
        assert _updated(_pod(TOLERATED[what]), _pod({})) != []


@pytest.mark.parametrize("what", NOT_TOLERATED)
def test_other_rules_hold_for_what_is_stored(what: str) -> None:
    assert _errors(_pod(NOT_TOLERATED[what], stored=True)) == _errors(_pod(NOT_TOLERATED[what])) != []


def test_one_rule_that_is_broken_does_not_lift_another() -> None:
    pod = _pod(TOLERATED["spread"], stored=True)
    pod["spec"]["securityContext"] = {"runAsUser": -1}
    assert len(_errors(pod)) == 1


def test_the_pod_of_a_stored_workload() -> None:
    pod = _pod(TOLERATED["spread"])
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d", "uid": "1", "resourceVersion": "2"},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod["spec"]},
        },
    }
    assert _errors(deployment) == []
    del deployment["metadata"]["uid"]
    assert _errors(deployment) != []
