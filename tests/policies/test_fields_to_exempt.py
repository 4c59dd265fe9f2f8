"""Which fields an exemption can name: those that the Pod Security Standards restrict, and no others."""

import pytest

from podproof.policies.exempt_fields import EXEMPT_FIELDS, is_of_pod

OF_BOTH = ["appArmorProfile", "runAsNonRoot", "runAsUser", "seLinuxOptions", "seccompProfile",
           "windowsOptions.hostProcess"]  # fmt: skip
OF_CONTAINERS = [*OF_BOTH, "allowPrivilegeEscalation", "capabilities.add", "capabilities.drop", "privileged",
                 "procMount"]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("spec.", [*OF_BOTH, "sysctls"]),
        ("spec.containers[*].", OF_CONTAINERS),
        ("spec.initContainers[*].", OF_CONTAINERS),
        ("spec.ephemeralContainers[*].", OF_CONTAINERS),
    ],
)
def test_the_fields_of_security_contexts(place: str, names: list[str]) -> None:
    """Source: kubernetes.io "Pod Security Standards", the restricted fields of both levels."""
    start = f"{place}securityContext."
    assert sorted(path for path in EXEMPT_FIELDS if path.startswith(start)) == sorted(
        f"{start}{name}" for name in names
    )
    assert all(is_of_pod(f"{start}{name}") for name in names)
    assert not is_of_pod(f"{start}readOnlyRootFilesystem")
