"""A fingerprint stays when lines move or entries are added, and differs where another thing is meant."""

import msgspec
import pytest

from podproof.findings import ContainerRef, Finding, Severity
from podproof.manifest.file_text import Place
from podproof.results.checked import Located, ObjectRef
from podproof.results.fingerprint import fingerprint

FINDING = Finding(
    "run-as-non-root",
    Severity.ERROR,
    "may run as root",
    ("spec", "template", "spec", "containers", 0, "securityContext"),
    ContainerRef("web", "container"),
)
LOCATED = Located(
    FINDING,
    "deploy/web.yaml",
    Place(31, 13, 700, 31, 28, 715),
    1,
    ObjectRef("apps/v1", "Deployment", "shop", "web"),
)


def with_finding(**fields: object) -> Located:
    return msgspec.structs.replace(LOCATED, finding=msgspec.structs.replace(FINDING, **fields))


def with_object(*fields: str | None) -> Located:
    return msgspec.structs.replace(LOCATED, object=ObjectRef(*fields))


UNNAMED = with_object("apps/v1", "Deployment", "shop", None)

SAME = {
    "another line": msgspec.structs.replace(LOCATED, place=Place(1, 1, 0, 1, 2, 1), lines=("a",)),
    "another file": msgspec.structs.replace(LOCATED, file="deploy/all.yaml", document=7),
    "another position": with_finding(route=("spec", "template", "spec", "containers", 3, "securityContext")),
    "other words": with_finding(message="runs as root", severity=Severity.WARNING),
    "another version": with_object("apps/v1beta2", "Deployment", "shop", "web"),
}

OTHER = {
    "check": with_finding(check="capabilities-restricted"),
    "container": with_finding(container=ContainerRef("db", "container")),
    "kind of container": with_finding(container=ContainerRef("web", "init")),
    "no container": with_finding(container=None),
    "field": with_finding(route=("spec", "template", "spec", "securityContext")),
    "name": with_object("apps/v1", "Deployment", "shop", "api"),
    "namespace": with_object("apps/v1", "Deployment", None, "web"),
    "kind": with_object("apps/v1", "StatefulSet", "shop", "web"),
    "group": with_object("example.org/v1", "Deployment", "shop", "web"),
    "no name": UNNAMED,
    "no object": msgspec.structs.replace(LOCATED, object=None),
    "no name, another file": msgspec.structs.replace(UNNAMED, file="deploy/all.yaml"),
}


@pytest.mark.parametrize("located", SAME.values(), ids=SAME)
def test_it_stays(located: Located) -> None:
    assert fingerprint(located) == fingerprint(LOCATED)


def test_it_differs() -> None:
    everything = [fingerprint(LOCATED), *map(fingerprint, OTHER.values())]
    assert len(set(everything)) == len(everything)
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in everything)


def test_a_name_of_any_characters_has_one() -> None:
    assert fingerprint(with_object("v1", "Pod", "a\0b", "\ud800")) != fingerprint(
        with_object("v1", "Pod", "a", "b\0\ud800")
    )
