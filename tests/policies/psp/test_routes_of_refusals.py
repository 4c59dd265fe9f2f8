"""Each refusal leads to the place in the pod that it is about, also where upstream prints another path."""

from typing import Any

import pytest

from podproof.manifest.route import value_at
from podproof.policies.psp.policy import read_policy
from podproof.policies.psp.provider import try_policy

from .trial import pod, policy

SECCOMP = "seccomp.security.alpha.kubernetes.io"
APPARMOR = "container.apparmor.security.beta.kubernetes.io"
SC = "spec.containers.0.securityContext"
USERS = {"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}]}
VOLUMES = [{"name": "first", "emptyDir": {}}]


def volumes(**source: Any) -> dict[str, Any]:
    return {"volumes": [*VOLUMES, {"name": "v", **source}]}


@pytest.mark.parametrize(
    ("spec", "pod_", "route", "path"),
    [
        (
            {"volumes": ["emptyDir"]}, pod(**volumes(hostPath={"path": "/a"})),
            "spec.volumes.1", "spec.volumes[1]",
        ),
        (
            {"allowedFlexVolumes": [{"driver": "a"}]}, pod(**volumes(flexVolume={"driver": "b"})),
            "spec.volumes.1.flexVolume.driver", "spec.volumes[1].driver",
        ),
        (
            {"allowedCSIDrivers": [{"name": "a"}]}, pod(**volumes(csi={"driver": "b"})),
            "spec.volumes.1.csi.driver", "spec.volumes[1].csi.driver",
        ),
        ({}, pod(hostPID=True), "spec.hostPID", "spec.securityContext.hostPID"),
        ({}, pod(hostIPC=True), "spec.hostIPC", "spec.securityContext.hostIPC"),
        ({}, pod(hostNetwork=True), "spec.hostNetwork", "spec.securityContext.hostNetwork"),
        (
            {}, pod(container={"ports": [{"containerPort": 1}, {"containerPort": 2, "hostPort": 80}]}),
            "spec.containers.0.ports.1.hostPort", "spec.containers[0].hostPort",
        ),
        (
            {}, pod(securityContext={"sysctls": [{"name": "kernel.shm_rmid_forced"}, {"name": "net.x"}]}),
            "spec.securityContext.sysctls.1", "pod.spec.securityContext.sysctls[1]",
        ),
        ({}, pod({"privileged": True}), f"{SC}.privileged", "spec.containers[0].securityContext.privileged"),
        (
            {"readOnlyRootFilesystem": True}, pod({"readOnlyRootFilesystem": False}),
            f"{SC}.readOnlyRootFilesystem", "spec.containers[0].securityContext.readOnlyRootFilesystem",
        ),
        ({"runAsUser": USERS}, pod({"runAsUser": 1}), f"{SC}.runAsUser",
         "spec.containers[0].securityContext.runAsUser"),
        ({"runAsGroup": USERS}, pod({"runAsGroup": 1}), SC,
         "spec.containers[0].securityContext"),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, pod({"runAsUser": 0}), f"{SC}.runAsUser",
         "spec.containers[0].securityContext.runAsUser"),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, pod({"runAsNonRoot": False}), f"{SC}.runAsNonRoot",
         "spec.containers[0].securityContext.runAsNonRoot"),
        ({"supplementalGroups": USERS}, pod(securityContext={"supplementalGroups": [5, 1]}),
         "spec.securityContext.supplementalGroups", "spec.securityContext.supplementalGroups"),
        ({"fsGroup": USERS}, pod(securityContext={"fsGroup": 1}),
         "spec.securityContext.fsGroup", "spec.securityContext.fsGroup"),
        ({}, pod({"procMount": "Unmasked"}), f"{SC}.procMount",
         "spec.containers[0].securityContext.procMount"),
        ({}, pod({"capabilities": {"add": ["KILL"]}}), f"{SC}.capabilities.add",
         "spec.containers[0].securityContext.capabilities.add"),
        ({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"user": "u"}}},
         pod({"seLinuxOptions": {"user": "x"}}), f"{SC}.seLinuxOptions.user",
         "spec.containers[0].securityContext.seLinuxOptions.user"),
    ],
)  # fmt: skip
def test_route_and_path(spec: dict[str, Any], pod_: dict[str, Any], route: str, path: str) -> None:
    (error,) = try_policy(read_policy(policy(**spec)), pod_).errors
    assert (".".join(map(str, error.route)), error.path) == (route, path)
    assert value_at(pod_, error.route) is not None


def test_a_seccomp_profile_is_refused_of_the_pod_and_of_its_container() -> None:
    annotations = {f"{SECCOMP}/pod": "a", f"container.{SECCOMP}/c": "b"}
    errors = try_policy(read_policy(policy()), pod(annotations=annotations)).errors
    assert [(error.route, error.path) for error in errors] == [
        (("metadata", "annotations", key), f"pod.metadata.annotations[{key}]") for key in annotations
    ]
