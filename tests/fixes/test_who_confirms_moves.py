"""Fields that are moved to where they have an effect: of some, a person has to confirm that it is wanted."""

import pytest
from test_decisions import mended


@pytest.mark.parametrize(
    ("field", "place", "kind"),
    [
        ("serviceAccountName: x", "spec", "guess"),
        ("serviceAccount: x", "spec", "guess"),
        ("supplementalGroups: [1]", "spec.securityContext", "guess"),
        ("fsGroup: 1", "spec.securityContext", "guess"),
        ("sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]", "spec.securityContext", "guess"),
        ("seLinuxOptions: {level: s0}", "securityContext", "guess"),
        ("priorityClassName: x", "spec", "tighter"),
        ("runAsNonRoot: true", "securityContext", "tighter"),
    ],
)
def test_a_field_of_a_container_that_belongs_elsewhere(field: str, place: str, kind: str) -> None:
    name = field.partition(":")[0]
    first = mended(f"containers: [{{name: a, image: i, {field}}}]", "privileged").changes[0]
    assert (first.kind, first.what) == (kind, f"move {name} to {place}.{name}")


ON_LINUX = {
    "runAsUser": "5", "runAsGroup": "5", "capabilities": "{drop: [ALL]}", "add": "[KILL]", "drop": "[ALL]",
    "privileged": "false", "readOnlyRootFilesystem": "true", "allowPrivilegeEscalation": "false",
    "procMount": "Default", "seccompProfile": "{type: RuntimeDefault}",
    "appArmorProfile": "{type: RuntimeDefault}", "seLinuxOptions": "{level: s0}",
    "seLinuxChangePolicy": "Recursive", "supplementalGroups": "[1]", "supplementalGroupsPolicy": "Strict",
    "fsGroup": "1", "fsGroupChangePolicy": "Always",
    "sysctls": "[{name: kernel.shm_rmid_forced, value: '1'}]", "hostPID": "false", "hostIPC": "false",
    "hostUsers": "true", "shareProcessNamespace": "false",
}  # fmt: skip


@pytest.mark.parametrize("name", ON_LINUX)
def test_in_a_pod_for_windows_it_goes(name: str) -> None:
    """The API server refuses the field there: it is not moved to where it would be refused."""
    rest = f"containers: [{{name: a, image: i, {name}: {ON_LINUX[name]}}}]"
    windows, linux = (mended(f"os: {{name: {os}}}\n{rest}", "privileged") for os in ("windows", "linux"))
    assert [(change.kind, change.what) for change in windows.changes] == [("same", f"remove {name}")]
    assert windows.changes[0].why == f"{name} is not a field here: Windows has no such setting"
    assert linux.changes[0].what.startswith(f"move {name} to ")
