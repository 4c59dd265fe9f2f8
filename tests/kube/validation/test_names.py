"""Names in references: finalizers, owners, signers, envFrom.

Words: recorded answers; kubernetes 1.37.2 pkg/apis/core/validation/names.go, ValidateSignerName;
apimachinery pkg/api/validation/objectmeta.go.
"""

from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.validation import validate
from podproof.kube.validation.signer_names import validate_signer_name

Judge = Callable[..., list[str]]

QUALIFIED = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)


def _metadata(**metadata: Any) -> list[str]:
    pod = {
        "metadata": {"name": "p", **metadata},
        "spec": {
            "containers": [
                {
                    "name": "c",
                    "image": "i",
                    "imagePullPolicy": "Always",
                    "terminationMessagePolicy": "File",
                }
            ],
            "restartPolicy": "Always",
            "dnsPolicy": "ClusterFirst",
            "terminationGracePeriodSeconds": 30,
        },
    }
    return [error.text for error in validate("Pod", pod, version=37)]


FINALIZERS: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["kubernetes"], []),
    (["orphan"], []),
    (["foregroundDeletion"], []),
    (["example.com/keep", "orphan"], []),
    (
        ["x"],
        ['[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified'],
    ),
    (
        ["example.com/keep", "y"],
        ['[1]: Invalid value: "y": name is neither a standard finalizer name nor is it fully qualified'],
    ),
    (
        ["orphan", "foregroundDeletion"],
        [
            ': Invalid value: ["orphan","foregroundDeletion"]: '
            "finalizer orphan and foregroundDeletion cannot be both set"
        ],
    ),
    (["example.com/-"], [f': Invalid value: "example.com/-": {QUALIFIED}']),
]


@pytest.mark.parametrize(("finalizers", "errors"), FINALIZERS)
def test_finalizers(finalizers: list[str], errors: list[str]) -> None:
    assert _metadata(finalizers=finalizers) == [f"metadata.finalizers{error}" for error in errors]


OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u"}

OWNERS: list[tuple[list[dict[str, Any]], list[str]]] = [
    ([OWNER], []),
    ([{**OWNER, "controller": True}, OWNER], []),
    ([{**OWNER, "apiVersion": "v1"}], []),
    ([{**OWNER, "apiVersion": ""}], ["[0].apiVersion: Required value: must not be empty"]),
    (
        [{**OWNER, "apiVersion": "a/b/c"}],
        ['[0].apiVersion: Invalid value: "a/b/c": must be <group>/<version> or <version>'],
    ),
    (
        [{**OWNER, "apiVersion": "apps/"}],
        ['[0].apiVersion: Invalid value: "apps/": must be <group>/<version> or <version>'],
    ),
    (
        [{"apiVersion": "v1"}],
        [f"[0].{key}: Required value: must not be empty" for key in ("kind", "name", "uid")],
    ),
    (
        [{"apiVersion": "v1", "kind": "Event", "name": "e", "uid": "u"}],
        [
            '[0]: Invalid value: {"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}: '
            "/v1, Kind=Event is disallowed from being an owner"
        ],
    ),
]


@pytest.mark.parametrize(("owners", "errors"), OWNERS)
def test_owners(owners: list[dict[str, Any]], errors: list[str]) -> None:
    assert _metadata(ownerReferences=owners) == [f"metadata.ownerReferences{error}" for error in errors]


def test_one_owner_is_the_controller() -> None:
    (error,) = _metadata(ownerReferences=[{**OWNER, "controller": True}, {**OWNER, "controller": True}])
    assert error.endswith(
        "Only one reference can have Controller set to true. "
        'Found "true" in references for ReplicaSet/r and ReplicaSet/r'
    )


SIGNERS: list[tuple[str, list[str]]] = [
    ("example.com/signer", []),
    ("kubernetes.io/kube-apiserver-client", []),
    ("a.b/c.d", []),
    ("", ["s: Required value"]),
    (
        "example.com",
        [
            's: Invalid value: "example.com": '
            "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        ],
    ),
    (
        "example.com/a/b",
        [
            's: Invalid value: "example.com/a/b": '
            "must be a fully qualified domain and path of the form 'example.com/signer-name'"
        ],
    ),
    (
        "example/signer",
        ['s: Invalid value: "example": should be a domain with at least two segments separated by dots'],
    ),
    ("a.B/c", [f's: Invalid value: "a.B": validating label "B": {LABEL}']),
    ("a.b/C.d", [f's: Invalid value: "C.d": validating label "C": {SUBDOMAIN}']),
    (
        "example/C",
        [
            's: Invalid value: "example": should be a domain with at least two segments separated by dots',
            f's: Invalid value: "C": validating label "C": {SUBDOMAIN}',
        ],
    ),
    # only the first label that is wrong is named
    ("A.B/c", [f's: Invalid value: "A.B": validating label "A": {LABEL}']),
]


@pytest.mark.parametrize(("name", "errors"), SIGNERS)
def test_signer_names(name: str, errors: list[str]) -> None:
    found: list[Any] = []
    validate_signer_name(found, name, ("s",))
    assert [error.text for error in found] == errors


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        (f"{'.'.join(['a' * 60] * 4)}.{'a' * 9}/c", None),
        (f"{'.'.join(['a' * 60] * 4)}.{'a' * 10}/c", 253),
        (f"a.b/{'.'.join(['c' * 60] * 5)}.{'c' * 12}", None),
        (f"a.b/{'.'.join(['c' * 60] * 5)}.{'c' * 13}", 317),
    ],
)
def test_a_signer_name_may_be_so_long(name: str, limit: int | None) -> None:
    found: list[Any] = []
    validate_signer_name(found, name, ("s",))
    expected = [] if limit is None else [f"s: Too long: may not be more than {limit} bytes"]
    assert [error.text for error in found] == expected


AT = "spec.containers[0].envFrom"
ONE = f'{AT}: Invalid value: "": must specify one of: `configMapRef` or `secretRef`'
BOTH = f'{AT}: Invalid value: "": may not have more than one field specified at a time'

ENV_FROM: list[tuple[dict[str, Any], list[str]]] = [
    ({"configMapRef": {"name": "a"}}, []),
    ({"secretRef": {"name": "a"}, "prefix": "X_"}, []),
    ({}, [ONE]),
    ({"prefix": "X"}, [ONE]),
    ({"configMapRef": {"name": "a"}, "secretRef": {"name": "a"}}, [BOTH]),
    ({"configMapRef": {}}, [f"{AT}[0].configMapRef.name: Required value"]),
    ({"secretRef": {"name": ""}}, [f"{AT}[0].secretRef.name: Required value"]),
    ({"secretRef": {"name": "A"}}, [f'{AT}[0].secretRef.name: Invalid value: "A": {SUBDOMAIN}']),
    ({"secretRef": {"name": "a-"}}, []),  # judged as a prefix of a name
    (
        {"secretRef": {"name": "a"}, "prefix": "1="},
        [
            f'{AT}[0].prefix: Invalid value: "1=": a valid environment variable name must consist only of '
            "printable ASCII characters other than '='"
        ],
    ),
]


@pytest.mark.parametrize(("source", "errors"), ENV_FROM)
def test_env_from(judge: Judge, source: dict[str, Any], errors: list[str]) -> None:
    assert judge({"envFrom": [source]}) == errors
