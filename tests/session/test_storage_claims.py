"""Checks that look behind claims: the storage objects of the whole input count, wherever they stand."""

from pathlib import Path

from click.testing import CliRunner

from podproof.commands.explain import command as explain
from podproof.kube.feature_gates import FeatureGates
from podproof.results.checked import Checked
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.explain import explain_pod
from podproof.session.judging.pods import Refused, pods_of
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


STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      securityContext: {runAsUser: 1000, fsGroup: 2000}
      volumes:
      - {name: data, hostPath: {path: /data}}
      - {name: own, emptyDir: {}}
      containers:
      - name: db
        image: db:1
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], storageClassName: shares, resources: {requests: {storage: 1Gi}}}
"""
CLASS = """\
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: shares}
provisioner: shares.example
---
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: shares.example}
spec: {fsGroupPolicy: None}
"""


def test_the_volume_of_a_claim_template_replaces_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_text(STATEFUL_SET, encoding="utf-8")
    configuration = ProjectConfiguration(folder=str(tmp_path))
    judge = make_judge(configuration, level="baseline")
    result = check(collect([str(tmp_path)]), judge, make_selection(configuration))
    assert "host-path-volumes" not in [one.finding.check for one in result.findings]
    assert result.objects[0].pod_security is not None
    assert result.objects[0].pod_security.allowed


def test_what_a_claim_template_asks_for_is_looked_up(tmp_path: Path) -> None:
    assert found(run(tmp_path, pod=STATEFUL_SET)) == []
    assert found(run(tmp_path, pod=STATEFUL_SET, storage=CLASS)) == [("fs-group-without-effect", 10)]


def test_a_claim_that_is_there_wins_over_its_template(tmp_path: Path) -> None:
    claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-0, namespace: shop},"
    claim += " spec: {volumeName: share}}"
    explained = explain_pod("\n---\n".join((STATEFUL_SET, CLASS, claim, VOLUME)))
    (container,) = explained.objects[0].containers
    volumes = {volume.name: volume for volume in container.fields["volumes"].value}
    assert list(volumes) == ["data", "own"]
    assert (volumes["data"].source, volumes["data"].behind) == (
        "persistentVolumeClaim",
        "PersistentVolume share (nfs)",
    )


def test_a_piece_of_a_stateful_set_has_its_claims_too(tmp_path: Path) -> None:
    piece = STATEFUL_SET.removeprefix("apiVersion: apps/v1\n")
    configuration = ProjectConfiguration(folder=str(tmp_path))
    (tmp_path / "set.yaml").write_text(piece.replace("      - {name: data, hostPath: {path: /data}}\n", ""))
    result = check(collect([str(tmp_path)]), make_judge(configuration), make_selection(configuration))
    assert "invalid-value" not in [one.finding.check for one in result.findings]


def test_a_finding_about_a_volume_points_at_its_claim_template(tmp_path: Path) -> None:
    second = """\
      - name: writer
        image: w:1
        securityContext: {runAsUser: 7}
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
"""
    text = STATEFUL_SET.replace(", fsGroup: 2000", "").replace("  volumeClaimTemplates:\n", second)
    (tmp_path / "set.yaml").write_text(text, encoding="utf-8")
    configuration = ProjectConfiguration(folder=str(tmp_path))
    selection = make_selection(configuration, select=["shared-volume-different-users"])
    result = check(collect([str(tmp_path)]), make_judge(configuration), selection)
    assert found(result) == [("shared-volume-different-users", 23)]


def test_a_fix_beside_claims_still_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "set.yaml").write_text(STATEFUL_SET, encoding="utf-8")
    configuration = ProjectConfiguration(folder=str(tmp_path))
    selection = make_selection(configuration, select=["seccomp-profile-restricted"])
    result = check(collect([str(tmp_path)]), make_judge(configuration), selection)
    (fix,) = (one.finding.fix for one in result.findings)
    assert fix is not None
    context = ("spec", "template", "spec", "containers", 0, "securityContext")
    assert [edit.route for edit in fix.edits] == [(*context, "seccompProfile")]


def test_the_first_pod_of_a_stateful_set_has_its_name() -> None:
    value = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db"},
        "spec": {
            "ordinals": {"start": 3},
            "template": {"spec": {"containers": [{"name": "a", "image": "b"}]}},
        },
    }
    (stored,) = pods_of(value, FeatureGates(37))
    assert not isinstance(stored, Refused)
    assert stored.pod.metadata is not None
    assert stored.pod.metadata.name == "db-3"
