"""What `fix` decides about a pod: a table of pods, and of each change its place, kind and words."""

from typing import Any

import msgspec
import pytest
import yaml

from podproof.effective.image import ImageConfig
from podproof.fixes.users import UidRange
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.judging.settings import make_judge

UIDS = UidRange(100_000, 100_000)
"""Whoever is guessed has this number: tests of the numbers are at the end."""

PASSWD = "root:x:0:0::/root:/bin/sh\nweb:x:101:101::/:/bin/sh\n"
IMAGES = {
    "root": ImageConfig(user="", passwd=PASSWD, group=""),
    "number": ImageConfig(user="7", passwd=PASSWD, group=""),
    "name": ImageConfig(user="web", passwd=PASSWD, group=""),
}


def mended(text: str, level: str = "restricted", images: Any = None, **options: Any) -> ObjectFix:
    value = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": yaml.safe_load(text),
    }
    judge = make_judge(
        ProjectConfiguration(),
        level=level,
        kubernetes_version=None,
        runtime=None,
        images=images or {},
        node=None,
        feature_gates=(),
    )
    given = FixOptions(**{"uids": UIDS, **options})
    return fix_object(
        value, judge.judge(value), judge, given, lambda check: True, lambda finding: False, None
    )


def decided(fix: ObjectFix) -> list[str]:
    return sorted(
        f"{'pod' if change.container is None else change.container.name} {change.kind} "
        + change.what.replace("securityContext.", "")
        for change in fix.changes
    )


GOOD = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"
ALL = "runAsNonRoot: true, runAsUser: 5, seccompProfile: {type: RuntimeDefault}"

CASES: dict[str, tuple[str, list[str]]] = {
    "one container: no second context": (
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}}}}}]",
        [
            "a guess runAsUser: 100000",
            "a tighter runAsNonRoot: true",
            "a tighter seccompProfile: {type: RuntimeDefault}",
        ],
    ),
    "two containers: once at the pod": (
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}, runAsUser: 5}}}}, "
        f"{{name: b, image: i, securityContext: {{{GOOD}, runAsUser: 6}}}}]",
        ["pod tighter runAsNonRoot: true", "pod tighter seccompProfile: {type: RuntimeDefault}"],
    ),
    "one line in two containers costs less than a context with one line": (
        f"securityContext: {{runAsUser: 5}}\ncontainers: [{{name: a, image: i, securityContext: {{{GOOD}, "
        "seccompProfile: {type: Localhost, localhostProfile: x}}}, {name: b, image: i, "
        f"securityContext: {{{GOOD}, seccompProfile: {{type: RuntimeDefault}}}}}}]",
        ["pod tighter runAsNonRoot: true"],
    ),
    "one that has another profile keeps it": (
        f"securityContext: {{runAsNonRoot: true, runAsUser: 5}}\ncontainers: [{{name: a, image: i, "
        f"securityContext: {{{GOOD}, seccompProfile: {{type: Localhost, localhostProfile: x}}}}}}, "
        f"{{name: b, image: i, securityContext: {{{GOOD}}}}}]",
        ["b tighter seccompProfile: {type: RuntimeDefault}"],
    ),
    "what contradicts is corrected": (
        f"securityContext: {{{ALL}}}\ncontainers: [{{name: a, image: i, securityContext: "
        "{allowPrivilegeEscalation: true, runAsNonRoot: false, capabilities: {drop: [NET_RAW]}}}]",
        [
            "a tighter allowPrivilegeEscalation: false",
            "a tighter capabilities.drop: [ALL]",
            "a tighter remove runAsNonRoot",
        ],
    ),
    "what contradicts goes where the pod comes to say it": (
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}, runAsUser: 5, runAsNonRoot: false, "
        f"seccompProfile: {{type: Unconfined}}}}}}, {{name: b, image: i, securityContext: {{{GOOD}, "
        f"runAsUser: 5}}}}, {{name: c, image: i, securityContext: {{{GOOD}, runAsUser: 5}}}}]",
        [
            "a tighter remove runAsNonRoot",
            "a tighter remove seccompProfile",
            "pod tighter runAsNonRoot: true",
            "pod tighter seccompProfile: {type: RuntimeDefault}",
        ],
    ),
    "root that is written goes, and a user is needed": (
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}, runAsNonRoot: true, runAsUser: 0, "
        "seccompProfile: {type: RuntimeDefault}}}]",
        ["a guess runAsUser: 100000", "a tighter remove runAsUser"],
    ),
    "capabilities that may stay and do nothing for the user go": (
        "securityContext: {seccompProfile: {type: RuntimeDefault}}\ncontainers: [{name: a, image: i, "
        "securityContext: {allowPrivilegeEscalation: false, runAsUser: 0, "
        "capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]",
        [
            "a guess runAsUser: 100000",
            "a tighter remove capabilities.add",
            "a tighter remove runAsUser",
            "a tighter runAsNonRoot: true",
        ],
    ),
    "containers that start before the others count": (
        f"securityContext: {{{ALL}}}\ninitContainers: [{{name: i, image: i}}]\n"
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}}}}}]",
        ["i tighter allowPrivilegeEscalation: false", "i tighter capabilities.drop: [ALL]"],
    ),
    "nothing of Linux is written for Windows": (
        "os: {name: windows}\ncontainers: [{name: a, image: i}]",
        ["a tighter runAsNonRoot: true"],
    ),
    "privileged, and what comes to light then": (
        f"securityContext: {{{ALL}}}\nhostPID: true\ncontainers: [{{name: a, image: i, securityContext: "
        "{privileged: true}}]",
        [
            "a tighter allowPrivilegeEscalation: false",
            "a tighter capabilities.drop: [ALL]",
            "a tighter remove privileged",
            "pod tighter remove hostPID",
        ],
    ),
    "a volume that is written to together": (
        f"securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}\n"
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}, runAsUser: 0}}, "
        f"volumeMounts: [{{name: v, mountPath: /v}}]}}]\n"
        "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]",
        ["a guess runAsUser: 100000", "a tighter remove runAsUser", "pod guess fsGroup: 100000"],
    ),
    "no group where the volume is only read, or belongs to the pod": (
        f"securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}\n"
        f"containers: [{{name: a, image: i, securityContext: {{{GOOD}, runAsUser: 0}}, "
        f"volumeMounts: [{{name: v, mountPath: /v, readOnly: true}}, {{name: e, mountPath: /e}}]}}]\n"
        "volumes: [{name: v, persistentVolumeClaim: {claimName: c}}, {name: e, emptyDir: {}}]",
        ["a guess runAsUser: 100000", "a tighter remove runAsUser"],
    ),
}


@pytest.mark.parametrize(("spec", "changes"), CASES.values(), ids=CASES)
def test_decisions(spec: str, changes: list[str]) -> None:
    fix = mended(spec)
    assert decided(fix) == changes
    assert fix.left == ()


@pytest.mark.parametrize(
    ("image", "changes", "why"),
    [
        ("root", ["a guess runAsUser: 100000", "a tighter runAsNonRoot: true"], "the image's user is root"),
        ("number", ["a tighter runAsNonRoot: true"], ""),
        ("name", ["a same runAsUser: 101", "a tighter runAsNonRoot: true"], "the image's user web is 101"),
        ("other", ["a guess runAsUser: 100000", "a tighter runAsNonRoot: true"], "is not known"),
    ],
)
def test_users_of_images(image: str, changes: list[str], why: str) -> None:
    fix = mended(
        f"securityContext: {{seccompProfile: {{type: RuntimeDefault}}}}\n"
        f"containers: [{{name: a, image: {image}, securityContext: {{{GOOD}}}}}]",
        images=IMAGES,
    )
    assert decided(fix) == changes
    assert why in " ".join(change.why for change in fix.changes)


def test_a_level_asks_for_its_controls_only() -> None:
    fix = mended("hostIPC: true\ncontainers: [{name: a, image: i}]", "baseline")
    assert decided(fix) == ["pod tighter remove hostIPC"]


def test_nothing_of_a_kind_that_is_not_wanted() -> None:
    spec = f"containers: [{{name: a, image: root, securityContext: {{{GOOD}}}}}]"
    fix = mended(spec, images=IMAGES, kinds=frozenset(("same", "tighter")))
    assert decided(fix) == ["a tighter seccompProfile: {type: RuntimeDefault}"]
    assert [finding.check for finding in fix.left] == ["run-as-non-root"]


def test_guessed_users() -> None:
    uids = UidRange()
    number = uids.pick("shop", "Deployment", "web", "nginx")
    assert number == uids.pick("shop", "Deployment", "web", "nginx")
    others = {uids.pick("shop", "Deployment", "web", f"c{index}") for index in range(50)}
    assert len(others) > 45
    assert all(uids.first <= one <= uids.last for one in {number, *others})
    assert {UidRange(1, 2).pick(str(index)) for index in range(50)} == {1, 2}


def test_containers_that_write_together_have_one_user() -> None:
    mounts = {"a": "v", "b": "v", "c": "w", "d": "w2"}
    containers = ", ".join(
        f"{{name: {name}, image: i, securityContext: {{{GOOD}}}, "
        f"volumeMounts: [{{name: {volume}, mountPath: /v}}]}}"
        for name, volume in mounts.items()
    )
    volumes = ", ".join(f"{{name: {name}, emptyDir: {{}}}}" for name in ("v", "w", "w2"))
    fix = mended(f"containers: [{containers}]\nvolumes: [{volumes}]", uids=UidRange())
    users = {
        change.container.name: change.edits[0].value
        for change in fix.changes
        if change.container is not None and "runAsUser" in change.what
    }
    assert users["a"] == users["b"]
    assert len({users["a"], users["c"], users["d"]}) == 3
    assert msgspec.json.encode(fix.value)


@pytest.mark.parametrize(
    ("volume", "one", "other", "together"),
    [
        ("emptyDir: {}", "", "", True),
        ("emptyDir: {}", ", subPath: x", ", subPath: w", False),
        ("emptyDir: {}", ", subPath: x", ", subPath: x", True),
        ("emptyDir: {}", ", subPath: x", "", True),
        ("emptyDir: {}", ", readOnly: true", "", False),
        ("secret: {secretName: s}", "", "", False),
        ("configMap: {name: s}", "", "", False),
        ("projected: {sources: []}", "", "", False),
    ],
)
def test_who_writes_together(volume: str, one: str, other: str, together: bool) -> None:
    containers = ", ".join(
        f"{{name: {name}, image: i, securityContext: {{{GOOD}}}, "
        f"volumeMounts: [{{name: v, mountPath: /v{mount}}}]}}"
        for name, mount in (("a", one), ("b", other))
    )
    fix = mended(f"containers: [{containers}]\nvolumes: [{{name: v, {volume}}}]", uids=UidRange())
    users = {
        change.edits[0].value
        for change in fix.changes
        if change.container is not None and "runAsUser" in change.what
    }
    assert len(users) == (1 if together else 2)
