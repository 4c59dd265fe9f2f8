"""`podproof fix --as kustomize`: real Kustomize makes of it what `fix` would have written."""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requires
import yaml
from click.testing import CliRunner
from go_tools import go_tool
from unpacking import unpack
from waiting import PATIENCE

import podproof
from podproof.commands.main import podproof as program
from podproof.inputs.input import InputObject
from podproof.outputs.new_folder import write_folder
from podproof.session.sources import collect

WEB: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web.1", "namespace": "shop"},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "hostNetwork": True,
                "containers": [
                    {"name": "web", "image": "nginx:1.27", "securityContext": {"privileged": True}},
                    {"name": "log", "image": "busybox", "securityContext": None},
                ],
            },
        },
    },
}


PROJECTS = (
    "GoogleCloudPlatform+microservices-demo",
    "kubernetes+examples",
    "kubernetes+ingress-nginx",
    "rook+rook",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fix(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(program, ["fix", *arguments], input=stdin, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return int(result.return_value), result.stdout, result.stderr


def write(path: Path, values: list[Any]) -> None:
    path.write_text("".join(f"---\n{json.dumps(value)}\n" for value in values))


def identity(value: Any) -> tuple[str, ...]:
    named = value["metadata"]
    return value["apiVersion"], value["kind"], named.get("namespace") or "default", named["name"]


def built(folder: Path) -> dict[tuple[str, ...], Any]:
    """What Kustomize makes of `all.yaml` with the component in `mended`."""
    overlay = folder / "overlay"
    overlay.mkdir()
    (overlay / "all.yaml").write_text((folder / "all.yaml").read_text())
    (overlay / "kustomization.yaml").write_text("resources: [all.yaml]\ncomponents: [../mended]\n")
    done = subprocess.run(
        [go_tool("kustomize"), "build", str(overlay)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return {identity(value): value for value in yaml.load_all(done.stdout, yaml.CSafeLoader) if value}


def same_as_written(folder: Path, values: list[Any]) -> int:
    """Compare what both ways make of objects; gives how many of them differ from what they were."""
    write(folder / "all.yaml", values)
    fix("all.yaml", "--as", "kustomize", "mended")
    (file,) = podproof.fix(folder / "all.yaml").files
    written = [value for value in yaml.load_all(file.after or "", yaml.CSafeLoader) if value]
    patched = built(folder)
    assert len(written) == len(values) == len(patched)
    for value in written:
        assert patched[identity(value)] == value
    return sum(old != new for old, new in zip(values, written, strict=True))


def test_kustomize_makes_what_fix_would_write(folder: Path) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "yes"},
        "spec": {
            "containers": [{"name": "a", "image": "a", "ports": [{"containerPort": 80, "hostPort": 80}]}]
        },
    }
    elsewhere = {**WEB, "metadata": {"name": "web.1"}}
    similar = {
        **WEB,
        "metadata": {"name": "webx1", "namespace": "shop"},
        "spec": {**WEB["spec"], "paused": True},
    }
    rollout = {**WEB, "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    assert same_as_written(folder, [WEB, pod, elsewhere, similar, rollout]) == 5


def ports(first: int) -> list[dict[str, int]]:
    return [{"containerPort": first + 1}, {"containerPort": first + 2, "hostPort": first + 2}]


def random_pods(chance: random.Random) -> Iterator[dict[str, Any]]:
    contexts: list[Any] = [
        None,
        {},
        {"privileged": True},
        {"runAsNonRoot": False, "allowPrivilegeEscalation": True},
        {"capabilities": {"add": ["SYS_ADMIN", "NET_BIND_SERVICE", "CHOWN"]}},
        {"capabilities": {"drop": ["KILL"]}, "procMount": "Unmasked"},
        {"seccompProfile": {"type": "Unconfined"}, "runAsUser": 0},
        {"seLinuxOptions": {"type": "spc_t", "user": "root"}},
    ]
    for number in range(60):
        containers = [
            {
                "name": f"c{index}",
                "image": "a",
                **chance.choice([{}, {"securityContext": chance.choice(contexts)}]),
                **chance.choice([{}, {"ports": ports(2 * index)}]),
            }
            for index in range(chance.randrange(1, 5))
        ]
        spec = {
            "containers": containers,
            **chance.choice([{}, {"initContainers": [{"name": "first", "image": "a"}]}]),
            **chance.choice([{}, {"hostNetwork": True}, {"hostPID": True, "hostIPC": True}]),
            **chance.choice(
                [{}, {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}}]
            ),
        }
        yield {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}"}, "spec": spec}


@pytest.mark.parametrize("seed", range(3))
def test_generated_pods_become_the_same(folder: Path, seed: int) -> None:
    pods = list(random_pods(random.Random(seed)))
    assert same_as_written(folder, pods) == len(pods)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    requires.demand(requires.shared("corpus/apps.tar.gz"))
    folder = tmp_path_factory.mktemp("projects")
    unpack(requires.SHARED / "corpus" / "apps.tar.gz", folder)
    return folder


@pytest.mark.parametrize("name", PROJECTS)
def test_projects_become_the_same(folder: Path, projects: Path, name: str) -> None:
    values = {}
    for item, _ in collect([str(projects / name)]):
        if isinstance(item, InputObject) and is_one(item.value):
            values.setdefault(identity(item.value), item.value)
    assert same_as_written(folder, list(values.values())) > 10


def is_one(value: Any) -> bool:
    """Tell what Kustomize takes for an object by itself."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("apiVersion"), str)
        and isinstance(value.get("kind"), str)
        and isinstance(value.get("metadata"), dict)
        and isinstance(value["metadata"].get("name"), str)
    )


def test_a_changed_manifest_is_refused(folder: Path) -> None:
    write(folder / "all.yaml", [WEB])
    fix("all.yaml", "--as", "kustomize", "mended")
    changed = json.dumps(WEB).replace('"containers": [', '"containers": [{"name": "new", "image": "n"}, ')
    write(folder / "all.yaml", [json.loads(changed)])
    with pytest.raises(AssertionError, match=r"test.*failed"):
        built(folder)


def test_items_of_a_list_become_the_same(folder: Path) -> None:
    write(folder / "all.yaml", [{"apiVersion": "v1", "kind": "List", "items": [WEB]}])
    fix("all.yaml", "--as", "kustomize", "mended")
    (file,) = podproof.fix(folder / "all.yaml").files
    assert built(folder)[identity(WEB)] == yaml.safe_load(file.after or "")["items"][0]


def test_the_component_of_a_stream(folder: Path) -> None:
    code, shown, said = fix("-", "--as", "kustomize", "mended", stdin=json.dumps(WEB).encode())
    assert code == 0
    assert "Deployment shop/web.1 · <stdin>:1" in shown
    assert "+++" not in shown
    assert said == "podproof: wrote 1 patch to mended; list it under components\n"
    assert sorted(path.name for path in (folder / "mended").iterdir()) == [
        "deployment-shop-web.1.yaml",
        "kustomization.yaml",
    ]
    listed = yaml.safe_load((folder / "mended" / "kustomization.yaml").read_text())
    assert listed == {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "patches": [
            {
                "path": "deployment-shop-web.1.yaml",
                "target": {
                    "group": "apps",
                    "version": "v1",
                    "kind": "Deployment",
                    "name": r"web\.1",
                    "namespace": "shop",
                },
            }
        ],
    }
    patch = (folder / "mended" / "deployment-shop-web.1.yaml").read_text()
    assert patch.startswith("# Deployment shop/web.1 · <stdin>:1\n#  pod ")
    first, second, *_ = yaml.safe_load(patch)
    assert first == {"op": "remove", "path": "/spec/template/spec/hostNetwork"}
    assert second == {"op": "test", "path": "/spec/template/spec/containers/0/name", "value": "web"}


def test_what_no_patch_can_name_is_said(folder: Path) -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "a"}]}}
    made = {**pod, "metadata": {"generateName": "g-"}}
    twice = {**pod, "metadata": {"name": "t", "namespace": "default"}}
    again = {**pod, "metadata": {"name": "t"}}
    write(folder / "all.yaml", [made, twice, again, WEB])
    code, _, said = fix("all.yaml", "--as", "kustomize", "mended")
    assert code == 4
    assert said.splitlines() == [
        "podproof: all.yaml:2: no patch for Pod g-: it has no name that a patch could name",
        "podproof: all.yaml:4: no patch for Pod default/t: 2 objects have this kind and name",
        "podproof: all.yaml:6: no patch for Pod t: 2 objects have this kind and name",
        "podproof: wrote 1 patch to mended; list it under components",
    ]


def test_what_is_in_order_needs_no_component(folder: Path) -> None:
    write(folder / "all.yaml", [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}])
    code, _, said = fix("all.yaml", "--as", "kustomize", "mended")
    assert (code, said) == (3, "podproof: there is nothing to patch: mended was not written\n")
    assert not (folder / "mended").exists()


def test_what_no_text_edit_could_change_is_patched(folder: Path) -> None:
    (folder / "all.yaml").write_text(
        json.dumps(WEB).replace('"hostNetwork": true,', '"hostNetwork": true, # a\n')
    )
    assert fix("all.yaml")[0] == 4
    assert fix("all.yaml", "--as", "kustomize", "mended")[0] == 0


def test_another_folder_is_not_overwritten(folder: Path) -> None:
    write(folder / "all.yaml", [WEB])
    mended = folder / "mended"
    mended.mkdir()
    assert fix("all.yaml", "--as", "kustomize", "mended")[0] == 0
    before = {path.name: path.read_bytes() for path in mended.iterdir()}
    assert fix("all.yaml", "--as", "kustomize", "mended")[0] == 0
    (mended / "more.yaml").write_text("a: b\n")
    with pytest.raises(podproof.PodproofError, match="mended: it holds something else"):
        fix("all.yaml", "--as", "kustomize", "mended")
    (mended / "more.yaml").unlink()
    assert {path.name: path.read_bytes() for path in mended.iterdir()} == before
    with pytest.raises(podproof.PodproofError, match="it is a file"):
        fix("all.yaml", "--as", "kustomize", "all.yaml")
    with pytest.raises(podproof.PodproofError, match="cannot write folder no/mended: No such file"):
        fix("all.yaml", "--as", "kustomize", "no/mended")
    assert sorted(path.name for path in folder.iterdir()) == ["all.yaml", "mended"]


def test_a_folder_is_made_whole_or_not_at_all(folder: Path) -> None:
    with pytest.raises(podproof.PodproofError):
        write_folder("mended", {"a": b"a", "no/b": b"b"})
    assert list(folder.iterdir()) == []
