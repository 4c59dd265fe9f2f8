"""What a pod is called inside: the names in its /etc/hosts and the kernel's host name.

Source: kubernetes pkg/kubelet/kubelet_pods.go, GeneratePodHostNameAndDomain and managedHostsFileContent;
pkg/kubelet/util/util.go, GetNodenameForKernel.
"""

import msgspec

from ..kube.pod import ObjectMeta, Pod, PodSpec

__all__ = ["CLUSTER_DOMAIN", "LongHostName", "PodHostNames", "host_names"]

CLUSTER_DOMAIN = "cluster.local"
"""The domain of a cluster whose administrator chose none. Source: kubeadm's default, networking.dnsDomain."""

_MAX_LABEL = 63
_MAX_KERNEL_NAME = 64


class LongHostName(Exception):
    """Says, in the kubelet's words, that the kernel cannot have the name; the sandbox is not made."""


class PodHostNames(msgspec.Struct, frozen=True):
    """A pod's host name and domain, "" when it has none; `as_full`: the kernel knows it by both."""

    name: str
    domain: str
    as_full: bool

    @property
    def in_hosts(self) -> str:
        """Give what /etc/hosts has beside the pod's address, its names separated by tabs."""
        return f"{self.name}.{self.domain}\t{self.name}" if self.domain else self.name

    @property
    def in_kernel(self) -> str:
        """Give what `hostname` prints. Raises LongHostName: setHostnameAsFQDN makes it too long."""
        if not self.domain or not self.as_full:
            return self.name
        full = f"{self.name}.{self.domain}"
        if len(full) > _MAX_KERNEL_NAME:
            # what a controller adds to a name is more than the four characters that stand for it
            number = f"more than {len(full)}" if "<" in full else len(full)
            raise LongHostName(
                "failed to construct FQDN from pod hostname and cluster domain, FQDN "
                f"{full} is too long ({_MAX_KERNEL_NAME} characters is the max, "
                f"{number} characters requested)"
            )
        return full


def host_names(pod: Pod) -> PodHostNames:
    """Name a pod that is decoded and validated; without a namespace it is in `default`.

    Of a name that its controller ends by chance, `<id>` stands for the end.
    """
    spec, metadata = pod.spec or PodSpec(), pod.metadata or ObjectMeta()
    override = spec.hostname_override
    name = override or spec.hostname or metadata.name or ""
    has_domain = spec.subdomain and override is None
    namespace = metadata.namespace or "default"
    domain = f"{spec.subdomain}.{namespace}.svc.{CLUSTER_DOMAIN}" if has_domain else ""
    if len(name) > _MAX_LABEL:
        name = name[:_MAX_LABEL].rstrip("-.")
    return PodHostNames(name, domain, spec.set_hostname_as_fqdn is True)
