"""What containers need once they have less: volumes beside a read-only root, a capability, a low port."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from podproof.effective.image import ImageConfig
from podproof.findings import ContainerRef, Finding
from podproof.fixes.change import KINDS, ChangeKind
from podproof.fixes.volumes import READ_ONLY, Written
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import ObjectFix, fix_object
from podproof.session.fix.options import FixOptions, Tried, make_fix_options
from podproof.session.judging.settings import make_judge

SAFE = (
    "securityContext: {runAsNonRoot: true, runAsUser: 7, seccompProfile: {type: RuntimeDefault}}\n"
    "containers: [{name: a, image: %s, securityContext: "
    "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}%s}]"
)
IMAGES = {
    "empty": ImageConfig(volumes=("/data", "/var/lib/x"), nonempty=()),
    "full": ImageConfig(volumes=("/data", "/site"), nonempty=("/site",)),
    "fulltmp": ImageConfig(volumes=(), nonempty=("/tmp",)),
    "old": ImageConfig(volumes=("/data",)),
    "server": ImageConfig(
        user="7", entrypoint=("/s",), command=(), file_capabilities="cap_net_bind_service=ep"
    ),
    "raw": ImageConfig(user="7", entrypoint=("/s",), command=(), file_capabilities="cap_net_raw=ep"),
    "permitted": ImageConfig(
        user="7", entrypoint=("/s",), command=(), file_capabilities="cap_net_bind_service=p"
    ),
    "shell": ImageConfig(
        user="7", entrypoint=(), command=("/s",), file_capabilities="cap_net_bind_service=ep"
    ),
}
ADVICE = make_fix_options((), no_guess=False, uid_range=(1, 2), all_advice=True).asked


def mended(
    text: str,
    *,
    asked: frozenset[str] = ADVICE,
    runtime: str | None = None,
    level: str = "restricted",
    kinds: frozenset[ChangeKind] = frozenset(KINDS),
    stays: Callable[[Finding], bool] = lambda finding: False,
    **tried: Any,
) -> ObjectFix:
    value = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": yaml.safe_load(text)}
    judge = make_judge(
        ProjectConfiguration(),
        level=level,
        kubernetes_version=None,
        runtime=runtime,
        images=IMAGES,
        node=None,
        feature_gates=(),
    )
    options = FixOptions(asked=asked, kinds=kinds, tried=Tried(**tried))
    return fix_object(value, judge.judge(value), judge, options, lambda check: True, stays, None)


def mounts(fix: ObjectFix, container: int = 0) -> dict[str, str]:
    """The paths of a container's volumes, by the volume's name, which the pod has as an emptyDir."""
    spec = fix.value["spec"]
    volumes = {volume["name"]: volume for volume in spec.get("volumes") or ()}
    found = spec["containers"][container].get("volumeMounts") or ()
    assert len({mount["name"] for mount in found}) == len(found)
    assert all(set(volumes[mount["name"]]) == {"name", "emptyDir"} for mount in found)
    return {mount["name"]: mount["mountPath"] for mount in found}


@pytest.mark.parametrize(
    ("image", "paths", "why"),
    [
        ("unknown", ["/tmp"], "what it writes is not known: fix --run tries it"),
        ("old", ["/tmp"], "no volume hides /data: the image may have content in it"),
        ("empty", ["/data", "/tmp", "/var/lib/x"], "the image declares /data, /var/lib/x as volumes"),
        ("full", ["/data", "/tmp"], "no volume hides /site: the image has content in it"),
        ("fulltmp", [], "no volume hides /tmp: the image has content in it"),
    ],
)
def test_what_the_image_tells_of_its_folders(image: str, paths: list[str], why: str) -> None:
    fix = mended(SAFE % (image, ""))
    (change,) = fix.changes
    assert (change.kind, change.container) == ("tighter", ContainerRef("a", "container"))
    assert sorted(mounts(fix).values()) == paths
    assert fix.value["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert why in change.why


def test_a_level_alone_leaves_root_file_systems_as_they_are() -> None:
    assert mended(SAFE % ("i", ""), asked=frozenset()).changes == ()


def test_one_check_may_be_asked_for() -> None:
    select = ("writable-root-filesystem",)
    asked = make_fix_options((), no_guess=False, uid_range=(1, 2), select=select).asked
    fix = mended("containers: [{name: a, image: i}]", asked=asked, level="privileged")
    assert [change.what for change in fix.changes] == [
        "securityContext.readOnlyRootFilesystem: true, an emptyDir at /tmp"
    ]


def test_what_was_seen_counts_alone() -> None:
    seen = {ContainerRef("a", "container"): Written(("/run/app", "/run/app/deep", "/run/other/"), "it did")}
    fix = mended(SAFE % ("empty", ""), written=seen)
    assert mounts(fix) == {"run-app": "/run/app", "run-other": "/run/other"}
    assert fix.changes[0].why == "it did"


def test_volumes_without_a_read_only_root() -> None:
    seen = {ContainerRef("a", "container"): Written(("/run/app",), "it did")}
    fix = mended(SAFE % ("empty", ""), asked=frozenset(), written=seen)
    assert mounts(fix) == {"run-app": "/run/app"}
    assert [change.what for change in fix.changes] == ["an emptyDir at /run/app"]


A, B = ContainerRef("a", "container"), ContainerRef("b", "container")


def test_who_keeps_its_root_gets_the_volumes_that_it_was_seen_to_need() -> None:
    """One container's root becomes read-only, the other's was taken back, or somebody accepted it."""
    context = "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"
    containers = ", ".join(f"{{name: {name}, image: i, securityContext: {context}}}" for name in "ab")
    text = (
        "securityContext: {runAsNonRoot: true, runAsUser: 7, seccompProfile: {type: RuntimeDefault}}\n"
        f"containers: [{containers}]\n"
    )
    whats = ["securityContext.readOnlyRootFilesystem: true, an emptyDir at /tmp", "an emptyDir at /run, /tmp"]
    seen = {B: Written(("/tmp", "/run"), "it did")}
    for fix in (
        mended(text, written=seen, taken_back=frozenset(((READ_ONLY, B),))),
        mended(text, written=seen, stays=lambda one: one.check == READ_ONLY and one.container == B),
    ):
        assert [(change.container, change.what) for change in fix.changes] == [(A, whats[0]), (B, whats[1])]
        assert (mounts(fix, 0), mounts(fix, 1)) == ({"tmp": "/tmp"}, {"run": "/run", "tmp-b": "/tmp"})
    back = frozenset(((READ_ONLY, A), (whats[1], B)))
    sealed = mended(text, written=seen, taken_back=back)
    assert [(change.container, change.name) for change in sealed.changes] == [(B, READ_ONLY)]
    assert mended(text, asked=frozenset(), written=seen, taken_back=back).changes == ()


@pytest.mark.parametrize("kinds", [("same",), ("same", "guess")])
def test_volumes_are_for_those_who_may_have_less(kinds: tuple[ChangeKind, ...]) -> None:
    seen = {A: Written(("/tmp",), "it did")}
    for asked in (ADVICE, frozenset[str]()):
        assert mended(SAFE % ("i", ""), asked=asked, written=seen, kinds=frozenset(kinds)).changes == ()


def test_what_is_mounted_needs_nothing() -> None:
    have = ", volumeMounts: [{name: t, mountPath: /tmp/}, {name: d, mountPath: /var}]"
    text = SAFE % ("empty", have) + "\nvolumes: [{name: t, emptyDir: {}}, {name: d, emptyDir: {}}]"
    assert mounts(mended(text)) == {"t": "/tmp/", "d": "/var", "data": "/data"}


def test_every_container_has_volumes_of_its_own() -> None:
    context = "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}"
    container = f"{{name: %s, image: i, securityContext: {context}}}"
    text = (
        "securityContext: {runAsNonRoot: true, runAsUser: 7, seccompProfile: {type: RuntimeDefault}}\n"
        f"initContainers: [{container % 'i'}]\ncontainers: [{container % 'a'}, {container % 'b'}]\n"
        "volumes: [{name: tmp-a, emptyDir: {}}]\n"
    )
    fix = mended(text)
    assert [volume["name"] for volume in fix.value["spec"]["volumes"]] == ["tmp-a", "tmp", "tmp-2", "tmp-b"]
    assert (mounts(fix, 0), mounts(fix, 1)) == ({"tmp-2": "/tmp"}, {"tmp-b": "/tmp"})


def test_names_of_volumes_are_labels() -> None:
    long = "/srv/" + "Ab_c/" * 40
    seen = {ContainerRef("a", "container"): Written((long, long + "d", "/_/x", "/x.y", "/:/no"), "seen")}
    names = mounts(mended(SAFE % ("i", ""), written=seen))
    assert sorted(names.values())[:2] == ["/_/x", long.rstrip("/")]
    assert set(names) >= {"x", "x-y"}
    assert all(len(name) <= 63 and name.strip("-") == name for name in names)
    assert "/:/no" not in names.values()


def test_nothing_for_windows_and_debuggers() -> None:
    assert (
        mended(
            "os: {name: windows}\nsecurityContext: {runAsNonRoot: true}\ncontainers: [{name: a, image: i}]"
        ).changes
        == ()
    )
    text = SAFE % ("i", "") + "\nephemeralContainers: [{name: e, image: i, securityContext: "
    fix = mended(text + "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]")
    assert [change.container for change in fix.changes] == [ContainerRef("a", "container")]


DROPS = "containers: [{name: a, image: %s, securityContext: {runAsNonRoot: true}%s}]"


@pytest.mark.parametrize(
    ("image", "more", "added"),
    [
        ("server", "", ["NET_BIND_SERVICE"]),
        ("server", ", args: [x]", ["NET_BIND_SERVICE"]),
        ("server", ", command: [x]", None),
        ("shell", "", ["NET_BIND_SERVICE"]),
        ("shell", ", args: [x]", None),
        ("permitted", "", None),
        ("raw", "", None),
        ("unknown", "", None),
    ],
)
def test_what_the_programs_file_carries_stays(image: str, more: str, added: list[str] | None) -> None:
    fix = mended(DROPS % (image, more), asked=frozenset())
    capabilities = fix.value["spec"]["containers"][0]["securityContext"]["capabilities"]
    assert (capabilities["drop"], capabilities.get("add")) == (["ALL"], added)
    kinds = {change.what: change.kind for change in fix.changes}
    if added:
        assert kinds["securityContext.capabilities.add: [NET_BIND_SERVICE]"] == "same"
    assert fix.left == ()


@pytest.mark.parametrize("level", ["privileged", "restricted"])
@pytest.mark.parametrize(
    ("spec", "added"),
    [
        # a misplaced list takes effect, wherever it stood
        ("containers: [{name: a, image: server, securityContext: {drop: [ALL]}}]", True),
        ("containers: [{name: a, image: server, capabilities: {drop: [ALL]}}]", True),
        ("securityContext: {capabilities: {drop: [ALL]}}\ncontainers: [{name: a, image: server}]", True),
        ("containers: [{name: a, image: server, securityContxt: {capabilities: {drop: [ALL]}}}]", True),
        ("containers: [{name: a, image: server, securityContext: {privileged: 'false', drop: [ALL]}}]", True),
        ("containers: [{name: a, image: i, securityContext: {drop: [ALL]}}]", False),
        # the program did not start before either
        ("containers: [{name: a, image: server, securityContext: {capabilities: {drop: [ALL]}}}]", False),
        ("containers: [{name: a, image: server, "
         "securityContext: {capabilities: {drop: [NET_BIND_SERVICE]}}}]", False),
    ],
)  # fmt: skip
def test_what_drops_it_does_not_matter(level: str, spec: str, added: bool) -> None:
    fix = mended(spec, asked=frozenset(), level=level)
    capabilities = fix.value["spec"]["containers"][0]["securityContext"]["capabilities"]
    assert capabilities.get("add") == (["NET_BIND_SERVICE"] if added else None)
    assert fix.left == ()


def test_an_added_capability_that_counts_is_kept() -> None:
    context = "{capabilities: {add: [NET_BIND_SERVICE, CHOWN]}}"
    text = f"containers: [{{name: a, image: server, securityContext: {context}}}]"
    assert mended(text, asked=frozenset()).value["spec"]["containers"][0]["securityContext"][
        "capabilities"
    ] == {
        "add": ["NET_BIND_SERVICE"],
        "drop": ["ALL"],
    }


def test_who_wants_no_change_that_is_the_same_keeps_nothing_open() -> None:
    tighter: frozenset[ChangeKind] = frozenset(("tighter", "guess"))
    fix = mended(DROPS % ("server", ""), asked=frozenset(), kinds=tighter)
    assert fix.value["spec"]["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    fix = mended(PORT, asked=frozenset(), runtime="containerd-1.6.20", kinds=tighter)
    assert "sysctls" not in str(fix.value)


PORT = (
    "containers: [{name: a, image: i, "
    "ports: [{containerPort: 443}, {containerPort: 8080}, {containerPort: 80}]}]"
)
START = "net.ipv4.ip_unprivileged_port_start"


@pytest.mark.parametrize(
    ("runtime", "have", "sysctls"),
    [
        ("containerd-1.6.20", "", [{"name": START, "value": "80"}]),
        ("cri-o", "[{name: net.ipv4.tcp_syncookies, value: '1'}]",
         [{"name": "net.ipv4.tcp_syncookies", "value": "1"}, {"name": START, "value": "80"}]),
        ("containerd-1.6.20", "[{name: net.ipv4.ip_unprivileged_port_start, value: '500'}]",
         [{"name": START, "value": "80"}]),
        ("containerd-2.3.7", "", None),
        (None, "", None),
    ],
)  # fmt: skip
def test_low_ports(runtime: str | None, have: str, sysctls: Any) -> None:
    text = PORT + (f"\nsecurityContext: {{sysctls: {have}}}" if have else "")
    fix = mended(text, asked=frozenset(), runtime=runtime)
    assert (fix.value["spec"].get("securityContext") or {}).get("sysctls") == sysctls
    assert fix.value["spec"]["containers"][0]["securityContext"]["runAsUser"] > 0
    assert fix.left == ()
    told = [change for change in fix.changes if "sysctls" in change.what]
    assert [(change.kind, change.container) for change in told] == ([("same", None)] if sysctls else [])
