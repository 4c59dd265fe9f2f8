"""Names that tables by hand repeat: each is known, and those of the API are all there.

Source: k8s.io/api v0.37.2 core/v1; kubernetes 1.37.2 pkg/apis/core/helper, standard resources;
1.38.0-beta.0 pkg/apis/core/validation, updatablePodSpecFields; 1.24.17 to 1.26.15 pkg/api/pod/warnings.go.
"""

from typing import Any

import pytest

from podproof.kube import fragment
from podproof.kube.review import review
from podproof.kube.types import resolve
from podproof.kube.unjudged import unjudged_in
from podproof.kube.update import validate_pod_update
from podproof.kube.version_skew import warnings_at
from podproof.kube.versions import BETA, NEWEST


def fields(struct: str) -> set[str]:
    return set(resolve(f"core/v1.{struct}", NEWEST).fields)


def test_the_fields_of_pods_and_containers() -> None:
    assert fields("PodSpec") == fragment.POD_SPEC_FIELDS
    assert fields("Container") | fields("EphemeralContainer") == fragment.CONTAINER_FIELDS


def test_the_fields_of_security_contexts() -> None:
    pod, container = fields("PodSecurityContext"), fields("SecurityContext")
    assert pod - container == fragment._POD_CONTEXT_ONLY
    assert container - pod == fragment._CONTAINER_CONTEXT_ONLY
    assert pod & container == fragment._CONTEXT_SHARED


COUNTED = [
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
]  # fmt: skip
MEASURED = [
    "storage", "requests.storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage",
    "limits.cpu", "limits.memory", "limits.ephemeral-storage",
]  # fmt: skip


@pytest.mark.parametrize("name", [*COUNTED, *MEASURED, "resourcequota", "services.nodeport", "requests.pods"])
def test_standard_resources_are_not_those_of_containers(name: str) -> None:
    spec = {"containers": [{"name": "c", "image": "i", "resources": {"requests": {name: "500m"}}}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    said = f"spec.containers[0].resources.requests[{name}]: Invalid value: "
    unknown = [] if name in [*COUNTED, *MEASURED] else [
        f'{said}"{name}": must be a standard resource type or fully qualified'
    ]  # fmt: skip
    whole = [f'{said}"500m": must be an integer'] if name in COUNTED else []
    found = [error.text for error in review(pod, version=37).errors]
    assert found == [*unknown, f'{said}"{name}": must be a standard resource for containers', *whole]


NAMES = [
    "allowPrivilegeEscalation", "appArmorProfile", "hostIPC", "hostNetwork", "hostPath", "hostPID",
    "hostPaths", "hostPort", "hostProcess", "privileged", "procMount", "seccompProfile", "seLinuxOptions",
    "sysctls", "podSecurityContext", "securityContext",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_settings_that_nobody_judged(name: str) -> None:
    for written in (name, name.lower(), name.upper()):
        value = {"apiVersion": "example.org/v1", "kind": "Thing", "spec": {written: "x"}}
        found = unjudged_in(value, None)
        assert found is not None, written
        assert found.routes == (("spec", written),)
    assert (
        unjudged_in({"apiVersion": "example.org/v1", "kind": "Thing", "spec": {f"{name}s2": "x"}}, None)
        is None
    )


@pytest.mark.parametrize("name", ["addCapabilities", "capabilities", "capAdd", "other"])
def test_lists_of_capabilities_that_nobody_judged(name: str) -> None:
    value = {"apiVersion": "example.org/v1", "kind": "Thing", "spec": {name: ["NET_ADMIN"]}}
    assert (unjudged_in(value, None) is not None) is (name != "other")


def test_what_an_update_of_1_38_may_change() -> None:
    def pod(**more: Any) -> dict[str, Any]:
        spec = {"containers": [{"name": "c", "image": "i"}], "terminationGracePeriodSeconds": 1, **more}
        made = review(
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}, version=37
        )
        assert made.object is not None
        return made.object

    words = [error.text for error in validate_pod_update(pod(hostPID=True), pod(), version=BETA)]
    assert words[-1].endswith(
        ",`spec.schedulingGates` (only deletions of existing scheduling gates),"
        "`spec.nodeSelector` (only additions, and only while the pod has scheduling gates),"
        "`spec.affinity.nodeAffinity` (only while the pod has scheduling gates)\n"
    )


REWORDED = [
    (26, "non-functional in v1.27+; use", "deprecated since v1.19, non-functional in a future release; use"),
    (26, "deprecated in v1.22, non-functional in v1.25+",
     "deprecated in v1.22, support removal is planned in v1.26"),
    (26, "deprecated in v1.25, non-functional in v1.26+",
     "deprecated in v1.25, this feature will be removed soon after in a subsequent release"),
    (29, "x, which may be dropped when using apply", "x"),
    (32, "deprecated in v1.11, and disabled by default in v1.33+", "deprecated in v1.11"),
]  # fmt: skip


@pytest.mark.parametrize(("last", "words", "earlier"), REWORDED)
def test_words_of_warnings_that_changed(last: int, words: str, earlier: str) -> None:
    assert warnings_at([f"a: {words} b"], last + 1) == [f"a: {words} b"]
    assert warnings_at([f"a: {words} b"], last) == [f"a: {earlier} b"]
    assert warnings_at([f"a: {words} b"], 25) == [f"a: {earlier} b"]
