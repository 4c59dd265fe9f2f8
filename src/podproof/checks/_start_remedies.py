"""What helps against each reason for which a node refuses to start a pod or a container.

The kubelet's and the runtime's words come in, a sentence goes out. The words are those of kubelet 1.37.2 and
of containerd 1.6.20 and 2.3.7, which `kubelet/start.py` gives.
"""

__all__ = ["remedy_against"]

_REMEDIES = (
    ("runAsUser breaks non-root policy", "set runAsUser to a number other than 0, or remove runAsNonRoot"),
    ("image will run as root", "set runAsUser to a number other than 0, or give the image a USER"),
    ("no users found", "set runAsUser to a number: the image's /etc/passwd does not have its user"),
    ("is specified without user", "set runAsUser beside runAsGroup"),
    ("localhostProfile must be set", "set localhostProfile, or write seccompProfile.type: RuntimeDefault"),
    (
        "cannot load seccomp profile",
        "put the profile into the kubelet's seccomp folder on each node, or write type: RuntimeDefault",
    ),
    ("is not loaded", "load the profile on each node, or write appArmorProfile.type: RuntimeDefault"),
    ("AppArmor is not enabled", "remove the AppArmor profile, or select nodes that have AppArmor"),
    ("unknown capability", "write the name of a capability that Linux has, such as NET_BIND_SERVICE"),
    ("OS field doesn't match", "select nodes of this system by kubernetes.io/os, or correct os.name"),
    ("construct FQDN", "shorten hostname or subdomain, or remove setHostnameAsFQDN"),
)
"""What a message has, and the remedy; the first that fits counts."""


def remedy_against(message: str) -> tuple[str, ...]:
    """Give the remedy, as lines of help; none where nothing is known to help."""
    for words, remedy in _REMEDIES:
        if words in message:
            return (remedy,)
    return ()
