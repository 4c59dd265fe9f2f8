"""Which seccomp filter the process gets: container over pod over the kubelet's default, unless privileged."""

from ..kube.pod import SeccompProfile
from .subject import Subject
from .value import Field, Origin

__all__ = ["requested_seccomp", "resolve_seccomp"]

_UNCONFINED = (
    SeccompProfile("Unconfined"),
    Origin("kubernetes", (), "not set; the kubelet's seccompDefault is off by default"),
)


def requested_seccomp(subject: Subject) -> tuple[SeccompProfile, Origin]:
    """Give the profile that the kubelet asks for; a set container profile replaces the pod's entirely.

    Source: kubernetes pkg/kubelet/kuberuntime/helpers_linux.go.
    """
    if subject.context.seccomp_profile is not None:
        return subject.context.seccomp_profile, subject.in_container("seccompProfile")
    if subject.pod_context.seccomp_profile is not None:
        return subject.pod_context.seccomp_profile, subject.in_pod("seccompProfile")
    if subject.node.seccomp_default:
        return SeccompProfile("RuntimeDefault"), Origin(
            "kubernetes", (), "not set; the kubelet's seccompDefault is on"
        )
    return _UNCONFINED


def resolve_seccomp(subject: Subject) -> Field[str]:
    """Name the filter: `Unconfined`, `RuntimeDefault` or `Localhost/NAME`; none when privileged."""
    profile, origin = requested_seccomp(subject)
    if subject.privileged:
        return Field(
            "Unconfined", subject.in_container("privileged", text="privileged: no filter, whatever is set")
        )
    if profile.type == "Localhost":
        return Field(f"Localhost/{profile.localhost_profile or ''}", origin)
    # an unknown type counts as Unconfined for the kubelet
    return Field("RuntimeDefault" if profile.type == "RuntimeDefault" else "Unconfined", origin)
