"""Old node labels and null selectors: accepted, and warned about, as a server 1.37.2 does."""

from typing import Any

import pytest

from podproof.kube.validation import warnings

_OS = 'deprecated since v1.14; use "kubernetes.io/os" instead'
_ARCH = 'deprecated since v1.14; use "kubernetes.io/arch" instead'
_ZONE = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
_REGION = 'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
_INSTANCE = 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
_NULL = "a null labelSelector results in matching no pod"
_SELECTOR = {"matchLabels": {"a": "b"}}
_REQUIRED, _PREFERRED = (
    f"{word}DuringSchedulingIgnoredDuringExecution" for word in ("required", "preferred")
)


def _term(*keys: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": "Exists"} for key in keys]}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            {
                "nodeSelector": {
                    "kubernetes.io/os": "linux",
                    "failure-domain.beta.kubernetes.io/zone": "a",
                    "failure-domain.beta.kubernetes.io/region": "a",
                    "beta.kubernetes.io/os": "a",
                    "beta.kubernetes.io/instance-type": "a",
                    "beta.kubernetes.io/arch": "a",
                }
            },
            [
                f"spec.nodeSelector[beta.kubernetes.io/arch]: {_ARCH}",
                f"spec.nodeSelector[beta.kubernetes.io/instance-type]: {_INSTANCE}",
                f"spec.nodeSelector[beta.kubernetes.io/os]: {_OS}",
                f"spec.nodeSelector[failure-domain.beta.kubernetes.io/region]: {_REGION}",
                f"spec.nodeSelector[failure-domain.beta.kubernetes.io/zone]: {_ZONE}",
            ],
        ),
        (
            {
                "affinity": {
                    "nodeAffinity": {
                        _REQUIRED: {"nodeSelectorTerms": [_term("a", "beta.kubernetes.io/os"), {}]},
                        _PREFERRED: [
                            {"weight": 1, "preference": {}},
                            {"weight": 1, "preference": _term("failure-domain.beta.kubernetes.io/zone")},
                        ],
                    }
                }
            },
            [
                f"spec.affinity.nodeAffinity.{_REQUIRED}.nodeSelectorTerms[0].matchExpressions[1].key: "
                f"beta.kubernetes.io/os is {_OS}",
                f"spec.affinity.nodeAffinity.{_PREFERRED}[1].preference.matchExpressions[0].key: "
                f"failure-domain.beta.kubernetes.io/zone is {_ZONE}",
            ],
        ),
        (
            {
                "topologySpreadConstraints": [
                    {"topologyKey": "failure-domain.beta.kubernetes.io/zone", "labelSelector": _SELECTOR},
                    {"topologyKey": "z"},
                ]
            },
            [
                "spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is "
                f"{_ZONE}",
                f"spec.topologySpreadConstraints[1].labelSelector: {_NULL}",
            ],
        ),
        (
            {
                "affinity": {
                    "podAffinity": {
                        _REQUIRED: [{"topologyKey": "k", "labelSelector": _SELECTOR}, {"topologyKey": "k"}],
                        _PREFERRED: [{"weight": 1, "podAffinityTerm": {"topologyKey": "k"}}],
                    },
                    "podAntiAffinity": {
                        _REQUIRED: [{"topologyKey": "k"}],
                        _PREFERRED: [
                            {"weight": 1, "podAffinityTerm": {"topologyKey": "k", "labelSelector": {}}}
                        ],
                    },
                },
                "hostAliases": [{"ip": "1.2.3.4"}, {"ip": "1.2.3.4"}],
                "nodeSelector": {"beta.kubernetes.io/os": "linux"},
            },
            [
                f"spec.nodeSelector[beta.kubernetes.io/os]: {_OS}",
                'spec.hostAliases[1].ip: duplicate ip "1.2.3.4"',
                f"spec.affinity.podAffinity.{_REQUIRED}[1].labelSelector: {_NULL}",
                f"spec.affinity.podAffinity.{_PREFERRED}[0].podAffinityTerm.labelSelector: {_NULL}",
                f"spec.affinity.podAntiAffinity.{_REQUIRED}[0].labelSelector: {_NULL}",
            ],
        ),
        ({"nodeSelector": {"disk": "ssd"}, "affinity": {}}, []),
    ],
)
def test_pods(spec: dict[str, Any], said: list[str]) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}
    assert warnings("Pod", pod) == said


def test_templates() -> None:
    template = {"spec": {"containers": [], "nodeSelector": {"beta.kubernetes.io/os": "linux"}}}
    workload = {"metadata": {"name": "w"}, "spec": {"template": template}}
    assert warnings("Deployment", workload) == [
        f"spec.template.spec.nodeSelector[beta.kubernetes.io/os]: {_OS}"
    ]
