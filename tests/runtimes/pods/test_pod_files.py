"""What the worker writes and reads on disk: no name of a container or manifest leads out of its place."""

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import requires
from waiting import PATIENCE

from podproof.kubelet.fields import DownwardValues
from podproof.kubelet.objects import Objects
from podproof.runtimes.embedded.cleanup import remove_tree
from podproof.runtimes.pods.files import (
    hosts_text,
    make_termination_log,
    read_termination_log,
    write_hosts,
)
from podproof.runtimes.pods.logs import LogFollower, read_lines, tail_text, truncate_log
from podproof.runtimes.pods.volumes import Volumes
from podproof.runtimes.pods.volumes.context import VolumeContext
from podproof.runtimes.pods.volumes.host_path import HostPaths
from podproof.runtimes.pods.volumes.ownership import set_group
from podproof.runtimes.pods.volumes.payload import PayloadFile, write_payload
from podproof.runtimes.pods.volumes.problem import VolumeProblem
from podproof.runtimes.pods.volumes.sub_path import SubPathProblem, bind_sub_path

needs_root = requires.needs(requires.root)


def test_hosts_name_the_pod_and_its_aliases() -> None:
    pod = {
        "metadata": {"name": "web"},
        "spec": {"hostAliases": [{"ip": "192.0.2.1", "hostnames": ["a", "b"]}]},
    }
    assert hosts_text(pod, "10.0.0.1").splitlines() == [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
        "10.0.0.1\tweb",
        "",
        "# Entries added by HostAliases.",
        "192.0.2.1\ta\tb",
    ]


@pytest.mark.parametrize("hosts", ["192.0.2.1\tnode\n", None])
def test_hosts_on_the_nodes_network_are_the_nodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hosts: str | None
) -> None:
    """A small machine has no such file."""
    node = tmp_path / "node"
    if hosts is not None:
        node.write_text(hosts)
    monkeypatch.setattr("podproof.runtimes.pods.files._NODE_HOSTS", node)
    write_hosts(tmp_path / "hosts", {"metadata": {"name": "web"}}, "", host_network=True)
    text = (tmp_path / "hosts").read_text()
    assert text == f"# Kubernetes-managed hosts file (host network).\n{hosts or ''}"


def test_a_termination_log_that_became_something_else_is_not_read(tmp_path: Path) -> None:
    log = tmp_path / "c" / "0"
    make_termination_log(log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o666
    log.write_text("x" * 5000 + "end")
    assert read_termination_log(log) == ("x" * 5000 + "end")[-4096:]
    log.unlink()
    assert read_termination_log(log) == ""
    log.symlink_to("/etc/passwd")
    assert read_termination_log(log) == ""
    log.unlink()
    os.mkfifo(log)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(read_termination_log(log)), daemon=True)
    reader.start()
    reader.join(PATIENCE)
    assert read == [""]


LINES = (
    b"2026-01-01T00:00:00.1Z stdout F first\n2026-01-01T00:00:00.2Z stderr P half-\n"
    b"2026-01-01T00:00:00.2Z stderr F whole\nno log line\n2026-01-01T00:00:00.3Z stdout F \n"
)


def test_logs_are_read_as_they_grow(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    follower = LogFollower(path)
    assert list(follower.new_lines()) == []
    path.write_bytes(LINES[:50])
    assert [line.data for line in follower.new_lines()] == [b"first\n"]
    path.write_bytes(LINES)
    assert [(line.stream, line.data) for line in follower.new_lines()] == [
        ("stderr", b"half-"),
        ("stderr", b"whole\n"),
        ("stdout", b"\n"),
    ]
    assert list(follower.new_lines()) == []
    path.write_bytes(LINES[:40])
    assert [line.data for line in follower.new_lines()] == [b"first\n"]


def test_the_end_of_a_log(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(LINES)
    assert tail_text(path) == "first\nhalf-whole\n\n"
    assert tail_text(path, lines=1) == "\n"
    assert tail_text(path, size=8) == "-whole\n\n"
    assert tail_text(tmp_path / "none") == ""
    assert b"".join(line.data for line in read_lines(path)) == b"first\nhalf-whole\n\n"


def test_a_log_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "0.log"
    path.write_bytes(LINES)
    assert not truncate_log(path, 10_000)
    assert truncate_log(path, 100)
    assert path.stat().st_size == 0


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/etc/x", "", "..data/x"])
def test_a_payload_stays_in_its_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(VolumeProblem, match=r"^invalid path: "):
        write_payload(tmp_path, {path: PayloadFile(b"x", 0o644)}, 0.0)
    assert not (tmp_path.parent / "out").exists()


def test_a_payload_looks_as_the_kubelets(tmp_path: Path) -> None:
    write_payload(
        tmp_path, {"a": PayloadFile(b"1", 0o400), "deep/b": PayloadFile(b"2", 0o644)}, 1_700_000_000.5
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "..2023_11_14_22_13_20.500000000",
        "..data",
        "a",
        "deep",
    ]
    assert os.readlink(tmp_path / "a") == "..data/a"
    assert (tmp_path / "deep" / "b").read_bytes() == b"2"
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o400


@needs_root
def test_fs_group_adds_and_never_follows(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    outside.chmod(0o600)
    volume = tmp_path / "volume"
    (volume / "folder").mkdir(parents=True)
    file = volume / "folder" / "file"
    file.touch(0o604)
    file.chmod(0o604)
    (volume / "link").symlink_to(outside)
    assert set_group(volume, 4321)
    assert (file.stat().st_gid, stat.S_IMODE(file.stat().st_mode)) == (4321, 0o664)
    assert stat.S_IMODE(volume.stat().st_mode) & 0o2770 == 0o2770
    assert (volume / "link").lstat().st_gid == 4321
    assert (outside.stat().st_gid, stat.S_IMODE(outside.stat().st_mode)) == (0, 0o600)
    assert not set_group(volume, 4321, on_root_mismatch=True)
    assert set_group(volume, 4322, on_root_mismatch=True)


@needs_root
def test_fs_group_on_a_read_only_volume_gives_no_write(tmp_path: Path) -> None:
    (tmp_path / "f").touch(0o600)
    set_group(tmp_path, 99, read_only=True)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o640


@requires.needs(requires.mounts)
def test_a_sub_path_never_leaves_its_volume(tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "inside").mkdir()
    (volume / "out").symlink_to("/etc")
    (volume / "in").symlink_to("inside")
    (volume / "up").symlink_to("../..")
    for index, path in enumerate(("out", "out/ssh", "up", "../x", "a/../../x", "/etc")):
        with pytest.raises(SubPathProblem):
            bind_sub_path(volume, path, tmp_path / "targets" / str(index))
    target = tmp_path / "targets" / "ok"
    try:
        bind_sub_path(volume, "in", target)
        (volume / "inside" / "f").write_text("same")
        assert (target / "f").read_text() == "same"
    finally:
        remove_tree(target)
    assert (volume / "inside" / "f").exists()


def context(pod: dict[str, Any], tmp_path: Path) -> VolumeContext:
    return VolumeContext(pod, Objects(), DownwardValues(), HostPaths(), tmp_path / "claims")


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        ({"configMap": {"name": "no"}}, 'configmap "no" not found'),
        ({"secret": {"secretName": "no"}}, 'secret "no" not found'),
        ({"persistentVolumeClaim": {"claimName": "no"}}, 'persistentvolumeclaim "no" not found'),
        (
            {"hostPath": {"path": "/etc"}},
            "hostPath /etc is not under an allowed path, add --allow-host-path /etc",
        ),
        (
            {"nfs": {"server": "s", "path": "/"}},
            "volumes of kind nfs need a cluster or a driver, which is not here",
        ),
        (
            {"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "spec.x"}}]}},
            "unsupported fieldPath: spec.x",
        ),
    ],
)
def test_why_a_volume_is_not_mounted(tmp_path: Path, volume: dict[str, Any], words: str) -> None:
    pod = {"metadata": {"name": "web"}, "spec": {"volumes": [{"name": "v", **volume}]}}
    volumes = Volumes(tmp_path / "volumes", context(pod, tmp_path))
    assert volumes.set_up(0.0) == [("v", words)]
    assert volumes.find("v") is None


def test_optional_objects_leave_an_empty_folder(tmp_path: Path) -> None:
    pod = {
        "metadata": {},
        "spec": {"volumes": [{"name": "v", "configMap": {"name": "no", "optional": True}}]},
    }
    volumes = Volumes(tmp_path / "volumes", context(pod, tmp_path))
    assert volumes.set_up(0.0) == []
    found = volumes.find("v")
    assert found is not None
    assert found.read_only
