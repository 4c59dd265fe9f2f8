"""Every question about a start that a node answers: its words, its field, and what answers it."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import ContainerInPod, place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kube.storage import collect_storage
from podproof.kube.versions import NEWEST
from podproof.kubelet.container_start import open_questions, profile_name_problem, start_container

CONTAINER = ("spec", "containers", 0)
CONTEXT = (*CONTAINER, "securityContext")
POD_CONTEXT = ("spec", "securityContext")
ANNOTATION = "container.apparmor.security.beta.kubernetes.io/c"


def place(
    context: dict[str, Any] | None = None,
    *,
    pod: dict[str, Any] | None = None,
    node: Node | None = None,
    user: str | None = "",
    image: ImageConfig | None = None,
    annotations: dict[str, str] | None = None,
    runtime: str = "containerd-2.3.7",
    version: int = NEWEST,
    mounts: dict[str, str] | None = None,
    command: dict[str, list[str]] | None = None,
    storage: tuple[dict[str, Any], ...] = (),
    **spec: Any,
) -> ContainerInPod:
    container = {
        "name": "c",
        "image": "i",
        **(command or {}),
        "securityContext": context,
        "volumeMounts": [
            {"name": name, "mountPath": path, "readOnly": True} for path, name in (mounts or {}).items()
        ],
    }
    typed = raw_pod(
        {
            "metadata": {"name": "web", "namespace": "shop", "annotations": annotations},
            "spec": {"containers": [container], "securityContext": pod, **spec},
        }
    )
    facts = image or ImageConfig(user=user, passwd="root:x:0:0\n", group="")
    setting = Setting(
        images={"i": facts},
        node=node or Node(),
        runtime=parse_runtime(runtime),
        version=version,
        storage=collect_storage(storage),
    )
    (placed,) = place_containers(typed, setting)
    return placed


def apparmor(type_: str, name: str | None = None) -> dict[str, Any]:
    return {"appArmorProfile": {"type": type_, "localhostProfile": name}}


@pytest.mark.parametrize("enforced", [None, True])
@pytest.mark.parametrize(
    ("arguments", "what", "route"),
    [
        ({}, None, ()),
        ({"context": apparmor("Unconfined")}, None, ()),
        ({"context": apparmor("RuntimeDefault")}, "AppArmor", (*CONTEXT, "appArmorProfile")),
        ({"pod": apparmor("RuntimeDefault")}, "AppArmor", (*POD_CONTEXT, "appArmorProfile")),
        ({"context": apparmor("Unconfined"), "pod": apparmor("RuntimeDefault")}, None, ()),
        (
            {"context": apparmor("Localhost", "p"), "pod": apparmor("RuntimeDefault")},
            "the AppArmor profile p",
            (*CONTEXT, "appArmorProfile"),
        ),
        (
            {"annotations": {ANNOTATION: "localhost/q"}},
            "the AppArmor profile q",
            ("metadata", "annotations", ANNOTATION),
        ),
        ({"annotations": {ANNOTATION: "unconfined"}}, None, ()),
        ({"annotations": {ANNOTATION: "other"}}, None, ()),
        (
            {"annotations": {ANNOTATION: "runtime/default"}},
            "AppArmor",
            ("metadata", "annotations", ANNOTATION),
        ),
        ({"annotations": {ANNOTATION: ""}}, "AppArmor", ("metadata", "annotations", ANNOTATION)),
    ],
)
def test_an_apparmor_profile(
    arguments: dict[str, Any], what: str | None, route: tuple[Any, ...], enforced: bool | None
) -> None:
    questions = open_questions(place(**arguments, node=Node(apparmor=enforced)))
    if what is None or (what == "AppArmor" and enforced):
        assert questions == ()
    else:
        assert questions == (("appArmorProfile", f"not known whether the node has {what}", route),)


LOCAL = {"seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"}}
_FILE = "/var/lib/kubelet/seccomp/p.json"
NO_SECCOMP = f'cannot load seccomp profile "{_FILE}": open {_FILE}: no such file or directory'


@pytest.mark.parametrize(
    ("context", "pod", "route"),
    [(LOCAL, None, CONTEXT), (None, LOCAL, POD_CONTEXT), (LOCAL, LOCAL, CONTEXT)],
)
def test_a_seccomp_profile_of_the_node(
    context: dict[str, Any] | None, pod: dict[str, Any] | None, route: tuple[Any, ...]
) -> None:
    field = (*route, "seccompProfile")
    unknown = place(context, pod=pod)
    reason = "not known whether the node has the seccomp profile p.json"
    assert open_questions(unknown) == (("seccompProfile", reason, field),)
    start = start_container(unknown)
    assert (start.missing, start.route, start.event) == ((reason,), field, None)
    there = place(context, pod=pod, node=Node(seccomp_profiles=("a.json", "p.json")))
    assert (open_questions(there), start_container(there).starts) == ((), True)
    gone = start_container(place(context, pod=pod, node=Node(seccomp_profiles=("a.json",))))
    assert (gone.starts, gone.reason, gone.route) == (False, "CreateContainerError", field)
    assert NO_SECCOMP in gone.message
    assert gone.event is not None
    assert gone.event.message == f"Error: {gone.message}"


@pytest.mark.parametrize(
    ("profile", "version", "problem"),
    [
        ({"type": "Localhost"}, 37, "localhostProfile must be set if seccompProfile type is Localhost."),
        ({"type": "Localhost", "localhostProfile": ""}, 38,
         "localhostProfile must be set if seccompProfile type is Localhost"),
        ({"type": "Localhost", "localhostProfile": "p"}, 38, None),
        ({"type": "Other"}, 37, None),
        ({"type": "Other"}, 38,
         'unsupported seccompProfile type "Other" (supported: Unconfined, RuntimeDefault, Localhost)'),
        ({}, 38, 'unsupported seccompProfile type "" (supported: Unconfined, RuntimeDefault, Localhost)'),
        ({}, 37, None),
        ({"type": "Unconfined"}, 38, None),
        ({"type": "RuntimeDefault"}, 38, None),
        (None, 38, None),
    ],
)  # fmt: skip
def test_the_name_of_a_seccomp_profile(
    profile: dict[str, Any] | None, version: int, problem: str | None
) -> None:
    placed = place({"seccompProfile": profile}, version=version)
    assert profile_name_problem(placed) == problem
    if problem is not None:
        start = start_container(placed)
        assert (start.reason, start.message) == ("CreateContainerConfigError", problem)
        assert start.route == (*CONTEXT, "seccompProfile")


def test_every_open_question_is_listed() -> None:
    placed = place(
        {"runAsNonRoot": True, **LOCAL, **apparmor("Localhost", "q")},
        user=None,
        hostUsers=False,
        volumes=[{"name": name, "csi": {"driver": "example.com"}} for name in ("v", "w")],
        mounts={"/v": "v", "/v/w": "w"},
    )
    found = open_questions(placed)
    assert [(name, route) for name, _, route in found] == [
        ("runAsNonRoot", (*CONTAINER, "image")),
        ("user", (*CONTAINER, "image")),
        ("appArmorProfile", (*CONTEXT, "appArmorProfile")),
        ("seccompProfile", (*CONTEXT, "seccompProfile")),
        ("hostUsers", (*CONTAINER, "volumeMounts", 0)),
        ("volumeMounts", (*CONTAINER, "volumeMounts", 1)),
    ]
    start = start_container(placed)
    assert (start.missing, start.route) == ((found[0][1],), found[0][2])


def test_a_certain_failure_comes_before_an_open_question() -> None:
    node = Node(seccomp_profiles=())
    start = start_container(place({"runAsNonRoot": True, **LOCAL}, user=None, node=node))
    assert (start.starts, start.reason) == (False, "CreateContainerError")
    assert start.missing == (open_questions(place({"runAsNonRoot": True}, user=None))[0][1],)


@pytest.mark.parametrize(
    ("uid", "host_users", "stops"),
    [(65535, False, False), (65536, False, True), (65536, True, False), (65536, None, False)],
)
def test_a_user_outside_its_user_namespace(uid: int, host_users: bool | None, stops: bool) -> None:
    start = start_container(place({"runAsUser": uid}, hostUsers=host_users))
    assert (start.starts is False) is stops
    if stops:
        text = f"unable to setup user: cannot setuid to unmapped uid {uid} in user namespace"
        assert start.reason == "RunContainerError"
        assert text in start.message
        assert start.route == (*CONTEXT, "runAsUser")


@pytest.mark.parametrize(
    ("driver", "fails"),
    [
        *(
            (driver, True)
            for driver in (
                "nfs.csi.k8s.io", "smb.csi.k8s.io", "file.csi.azure.com", "efs.csi.aws.com",
                "filestore.csi.storage.gke.io", "fsx.openzfs.csi.aws.com", "nfs.csi.ceph.com",
                "nfs.manila.csi.openstack.org",
            )
        ),
        ("example.com", False),
    ],
)  # fmt: skip
def test_a_driver_whose_volumes_cannot_be_mapped(driver: str, fails: bool) -> None:
    claim = {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "shop"},
        "spec": {"volumeName": "pv"},
    }
    volume = {"kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": {"csi": {"driver": driver}}}
    placed = place(
        storage=(claim, volume),
        hostUsers=False,
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
        mounts={"/v": "v"},
    )
    start = start_container(placed)
    assert (start.starts is False) is fails
    assert start.route == (*CONTAINER, "volumeMounts", 0)


@pytest.mark.parametrize(
    ("command", "entrypoint", "of_image", "starts"),
    [
        ({}, (), (), False),
        ({}, None, (), True),
        ({}, (), None, True),
        ({}, ("x",), (), True),
        ({}, (), ("x",), True),
        ({"command": ["x"]}, (), (), True),
        ({"args": ["x"]}, (), (), True),
        ({"command": [], "args": []}, (), (), False),
    ],
)
def test_a_container_needs_a_command(
    command: dict[str, list[str]],
    entrypoint: tuple[str, ...] | None,
    of_image: tuple[str, ...] | None,
    starts: bool,
) -> None:
    image = ImageConfig(user="", passwd="", group="", entrypoint=entrypoint, command=of_image)
    start = start_container(place(image=image, command=command))
    assert (start.starts is True) is starts
    if not starts:
        assert (start.reason, start.route) == ("CreateContainerError", (*CONTAINER, "image"))


def test_the_command_of_an_image_that_is_not_known_is_not_asked_for() -> None:
    spec = {"containers": [{"name": "c", "image": "i"}], "securityContext": {"runAsUser": 5}}
    pod = raw_pod({"spec": spec})
    (placed,) = place_containers(pod, Setting())
    assert placed.image is None
    assert start_container(placed).starts is True
