"""Checks that look behind claims: the storage objects of the whole input count, wherever they stand."""

from pathlib import Path

from click.testing import CliRunner

from podproof.commands.explain import command as explain
from podproof.results.checked import Checked
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.explain import explain_pod
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostUsers: false
  securityContext: {runAsUser: 1000, fsGroup: 2000}
  containers:
  - name: web
    image: web:1
    volumeMounts: [{name: data, mountPath: /data}]
  volumes:
  - {name: data, persistentVolumeClaim: {claimName: data}}
"""
VOLUME = """\
apiVersion: v1
kind: PersistentVolume
metadata: {name: share}
spec:
  claimRef: {namespace: shop, name: data}
  nfs: {server: files, path: /}
"""
IDS = ["fs-group-without-effect", "start-undecided", "will-not-start"]


def run(folder: Path, **files: str) -> Checked:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    configuration = ProjectConfiguration(folder=str(folder))
    judge = make_judge(configuration, level="privileged")
    return check(collect([str(folder)]), judge, make_selection(configuration, select=IDS))


def found(result: Checked) -> list[tuple[str, int]]:
    return [(one.finding.check, one.place.line) for one in result.findings]


def test_without_the_volume_nothing_is_known(tmp_path: Path) -> None:
    assert found(run(tmp_path, pod=POD)) == [("start-undecided", 10)]


def test_a_volume_that_follows_in_another_file_counts(tmp_path: Path) -> None:
    result = run(tmp_path, a_pod=POD, z_volume=VOLUME)
    assert found(result) == [("fs-group-without-effect", 6), ("will-not-start", 10)]
    assert (
        '"data" (persistentVolumeClaim, PersistentVolume share (nfs))' in result.findings[0].finding.message
    )
    assert (result.summary.workloads, result.summary.other_objects) == (1, 1)


def test_a_volume_of_somebody_else_does_not(tmp_path: Path) -> None:
    other = VOLUME.replace("shop", "other")
    assert found(run(tmp_path, pod=POD, volume=other)) == [("start-undecided", 10)]


def test_explain_knows_the_storage_of_a_cluster(tmp_path: Path) -> None:
    for name, text in (("pod", POD), ("cluster", VOLUME)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "object.yaml").write_text(text, encoding="utf-8")
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    (tmp_path / "cluster" / "namespace.yaml").write_text(namespace, encoding="utf-8")
    arguments = [str(tmp_path / "pod"), "--cluster", str(tmp_path / "cluster"), "--field", "volumes"]
    shown = CliRunner().invoke(explain, arguments, standalone_mode=False).stdout
    assert "data (persistentVolumeClaim) at /data: PersistentVolume share (nfs): never changed" in shown


def test_explain_knows_the_items_of_a_list() -> None:
    text = "kind: List\napiVersion: v1\nitems:\n" + "".join(
        f"- {document.rstrip().replace(chr(10), chr(10) + '  ')}\n" for document in (POD, VOLUME)
    )
    explained = explain_pod(text)
    (container,) = explained.objects[0].containers
    assert container.start.starts is False
    assert container.start.reason == "RunContainerError"
    assert container.fields["volumes"].value[0].behind == "PersistentVolume share (nfs)"
