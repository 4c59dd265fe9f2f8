"""The API's types: what a table's text means, how Go prints it, and which fields a release has.

Source: k8s.io/api v0.18.0 to v0.38.0-beta.0, types.go of each group; Go's reflect.Type.String.
"""

import pytest

from podproof.kube.types import Type, resolve, workload_type
from podproof.kube.versions import BETA, NEWEST


@pytest.mark.parametrize(
    ("text", "kind", "name", "bits"),
    [
        ("string", "string", "string", 0),
        ("bool", "bool", "bool", 0),
        ("any", "any", "any", 0),
        # bits of a value, without its sign
        ("int32", "int", "int32", 31),
        ("int64", "int", "int64", 63),
        ("int", "int", "int", 63),
        ("uint8", "int", "uint8", 8),
        ("[]uint8", "bytes", "[]uint8", 0),
        ("core/v1.PodSpec", "struct", "v1.PodSpec", 0),
        ("core/v1.Capability", "string", "v1.Capability", 0),
        ("policy/v1beta1.FSType", "string", "v1beta1.FSType", 0),
        ("policy/v1beta1.PodSecurityPolicySpec", "struct", "v1beta1.PodSecurityPolicySpec", 0),
        ("resource.Quantity", "special", "resource.Quantity", 0),
        ("intstr.IntOrString", "special", "intstr.IntOrString", 0),
        ("meta/v1.Time", "special", "v1.Time", 0),
        ("meta/v1.FieldsV1", "special", "v1.FieldsV1", 0),
    ],
)
def test_types_of_one_value(text: str, kind: str, name: str, bits: int) -> None:
    type_ = resolve(text, NEWEST)
    assert (type_.full, type_.kind, type_.name, type_.bits) == (text, kind, name, bits)
    assert (type_.pointer, type_.item, type_.minor) == (False, None, NEWEST)
    # a pointer is what it points to
    pointer = resolve(f"*{text}", NEWEST)
    assert (pointer.full, pointer.kind, pointer.name, pointer.bits) == (text, kind, name, bits)
    assert (pointer.pointer, pointer.item, pointer.minor) == (True, None, NEWEST)


@pytest.mark.parametrize(
    ("text", "kind", "name", "item"),
    [
        ("[]string", "slice", "[]string", "string"),
        ("[]core/v1.Container", "slice", "[]v1.Container", "v1.Container"),
        ("[]*core/v1.Pod", "slice", "[]*v1.Pod", "v1.Pod"),
        ("[][]string", "slice", "[][]string", "[]string"),
        ("map[string]string", "map", "map[string]string", "string"),
        ("map[string][]uint8", "map", "map[string][]uint8", "[]uint8"),
        (
            "map[core/v1.ResourceName]resource.Quantity",
            "map",
            "map[v1.ResourceName]resource.Quantity",
            "resource.Quantity",
        ),
        # a named type is printed by its name
        ("core/v1.ResourceList", "map", "v1.ResourceList", "resource.Quantity"),
    ],
)
def test_types_of_many_values(text: str, kind: str, name: str, item: str) -> None:
    for type_ in (resolve(text, 30), resolve(f"*{text}", 30)):
        assert (type_.full, type_.kind, type_.name, type_.bits) == (text, kind, name, 0)
        assert type_.item is not None
        assert (type_.item.name, type_.item.minor) == (item, 30)
    assert not resolve(text, 30).pointer
    assert resolve(f"*{text}", 30).pointer


def test_a_struct_is_named_without_its_package() -> None:
    assert resolve("core/v1.PodSpec", NEWEST).short == "PodSpec"
    assert resolve("policy/v1beta1.PodSecurityPolicySpec", NEWEST).short == "PodSecurityPolicySpec"


def test_fields() -> None:
    fields = resolve("core/v1.PodSpec", NEWEST).fields
    assert list(fields)[:3] == ["volumes", "initContainers", "containers"]
    host_pid, containers = fields["hostPID"], fields["containers"]
    assert (host_pid.name, host_pid.kind, host_pid.plain, host_pid.omit) == ("hostPID", "bool", bool, "?")
    assert (containers.kind, containers.plain, containers.omit) == ("slice", None, ".")
    assert fields["nodeName"].plain is str
    assert fields["priority"].plain is None
    assert fields["priority"].type.pointer
    assert containers.embedded == ()
    of_ephemeral = resolve("core/v1.EphemeralContainer", NEWEST).fields
    assert of_ephemeral["image"].embedded == ("EphemeralContainerCommon",)
    assert of_ephemeral["targetContainerName"].embedded == ()


@pytest.mark.parametrize(
    ("struct", "field", "first", "last"),
    [
        ("apps/v1.RollingUpdateDaemonSet", "maxSurge", 21, None),
        ("apps/v1.StatefulSetSpec", "ordinals", 26, None),
        ("core/v1.EphemeralVolumeSource", "readOnly", 19, 20),
        ("core/v1.PersistentVolumeClaimStatus", "resizeStatus", 23, 27),
        ("core/v1.PodSpec", "workloadRef", 35, 35),
        ("meta/v1.ObjectMeta", "clusterName", 0, 24),
    ],
)
def test_which_releases_have_a_field(struct: str, field: str, first: int, last: int | None) -> None:
    assert field in resolve(struct, first).fields
    if first > 19:
        assert field not in resolve(struct, first - 1).fields
    if last is None:
        assert field in resolve(struct, NEWEST).fields
        return
    gone = resolve(struct, last).fields[field]
    # of what is gone the type is not known any more
    assert (gone.kind, gone.omit, gone.embedded, gone.plain) == ("any", "?", (), None)
    assert field not in resolve(struct, last + 1).fields


def test_fields_older_than_the_tables() -> None:
    assert "startupProbe" not in resolve("core/v1.Container", 15).fields
    assert "startupProbe" in resolve("core/v1.Container", 16).fields
    assert "fsGroupChangePolicy" not in resolve("core/v1.PodSecurityContext", 17).fields
    assert "fsGroupChangePolicy" in resolve("core/v1.PodSecurityContext", 18).fields


def test_what_the_beta_adds() -> None:
    assert "oci" not in resolve("core/v1.SeccompProfile", NEWEST).fields
    assert "oci" in resolve("core/v1.SeccompProfile", BETA).fields
    assert list(resolve("core/v1.SecurityProfileOCI", BETA).fields) == ["ref", "baseProfile"]
    assert (
        resolve("core/v1.Container", BETA).fields.keys() >= resolve("core/v1.Container", NEWEST).fields.keys()
    )


@pytest.mark.parametrize(
    ("api_version", "kind", "name"),
    [
        ("v1", "Pod", "v1.Pod"),
        ("v1", "PodList", "v1.PodList"),
        ("apps/v1", "Deployment", "v1.Deployment"),
        ("apps/v1beta1", "Deployment", "v1beta1.Deployment"),
        ("extensions/v1beta1", "DaemonSet", "v1beta1.DaemonSet"),
        ("apps/v1", "Pod", None),
        ("v1", "Service", None),
    ],
)
def test_kinds(api_version: str, kind: str, name: str | None) -> None:
    type_ = workload_type(api_version, kind, 30)
    assert (type_ and (type_.name, type_.kind, type_.minor)) == (name and (name, "struct", 30))
    assert type_ is None or "metadata" in type_.fields


def test_a_struct_that_the_tables_do_not_have() -> None:
    made = Type.of_fields("core/v1.Thing", 30, {"a": "[]string", "b": "*bool"})
    assert (made.full, made.kind, made.short, made.minor) == ("core/v1.Thing", "struct", "Thing", 30)
    a, b = made.fields.values()
    assert (a.name, a.type.name, a.omit, a.embedded) == ("a", "[]string", "?", ())
    assert (b.name, b.type.pointer, b.type.minor, b.omit) == ("b", True, 30, "?")
