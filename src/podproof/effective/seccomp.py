"""Which seccomp filter the process gets: container over pod over the kubelet's default, unless privileged."""

from ..kube.pod import SeccompProfile
from .container_in_pod import ContainerInPod
from .value import Field, Origin

__all__ = ["requested_seccomp", "resolve_seccomp"]

_UNCONFINED = (
    SeccompProfile("Unconfined"),
    Origin("kubernetes", (), "not set; the kubelet's seccompDefault is off by default"),
)


_REGISTRIES_SINCE = 38
"""The first version that knows profiles of a registry. Source: k8s.io/api v0.38.0-beta.0 core/v1 types.go."""


def requested_seccomp(placed: ContainerInPod) -> tuple[SeccompProfile, Origin]:
    """Give the profile that the kubelet asks for; a set container profile replaces the pod's entirely.

    Source: kubernetes pkg/kubelet/kuberuntime/helpers_linux.go.
    """
    if placed.context.seccomp_profile is not None:
        return placed.context.seccomp_profile, placed.in_container("seccompProfile")
    if placed.pod_context.seccomp_profile is not None:
        return placed.pod_context.seccomp_profile, placed.in_pod("seccompProfile")
    if placed.setting.node.seccomp_default:
        return SeccompProfile("RuntimeDefault"), Origin(
            "kubernetes", (), "not set; the kubelet's seccompDefault is on"
        )
    return _UNCONFINED


def resolve_seccomp(placed: ContainerInPod) -> Field[str]:
    """Name the filter: `Unconfined`, `RuntimeDefault`, `Localhost/NAME` or `OCI`; none when privileged."""
    profile, origin = requested_seccomp(placed)
    if placed.privileged:
        return Field(
            "Unconfined", placed.in_container("privileged", text="privileged: no filter, whatever is set")
        )
    if profile.type == "Localhost":
        return Field(f"Localhost/{profile.localhost_profile or ''}", origin)
    if profile.type == "OCI" and placed.setting.version >= _REGISTRIES_SINCE:
        return Field("OCI", origin)
    # an unknown type counts as Unconfined for the kubelet
    return Field("RuntimeDefault" if profile.type == "RuntimeDefault" else "Unconfined", origin)
