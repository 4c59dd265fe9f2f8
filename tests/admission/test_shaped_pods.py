"""Verdicts by the shape of pods are those of whole pods, and as few are kept as there are shapes."""

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import requires
import yaml

from podproof.admission import shaped_pod
from podproof.admission.attributes import Moment
from podproof.admission.outlined_review import outline_review, read_outlined
from podproof.admission.review import decide
from podproof.admission.review_parts import PlainReview
from podproof.admission.review_text import REVIEW_VERSIONS
from podproof.admission.sent_pod import SentPod
from podproof.admission.shaped_pod import ShapedPod
from podproof.kube.decode import decode
from podproof.kube.default_pod import default_pod
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.pod import Pod, raw_pod
from podproof.kube.versions import NEWEST
from podproof.kube.whole_pod import UnreadField
from podproof.manifest.native import native_module
from podproof.policies.levels import Level, LevelVersion
from podproof.policies.pod_security import Verdict, evaluator_of

from . import exempted
from .requests import GOOD, pod, request

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)

MINORS = (24, 30, 34, NEWEST)
_NAMES: tuple[Level, ...] = ("baseline", "restricted")
LEVELS = tuple(
    LevelVersion(level, version)
    for level, version in itertools.product(_NAMES, ("v1.0", "v1.19", "v1.25", "latest"))
)
SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
PSA = requires.SHARED / "conformance" / "psa"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> dict[Any, Verdict | None]:
    """The verdicts that are remembered: none at first."""
    verdicts: dict[Any, Verdict | None] = {}
    monkeypatch.setattr(shaped_pod, "_known", verdicts)
    return verdicts


def _body(object_: dict[str, Any]) -> bytes:
    asked = request(object_, kind={"group": "", "version": "v1", "kind": "Pod"})
    review = {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": asked}
    return json.dumps(review).encode()


def _sent(object_: dict[str, Any], minor: int = NEWEST) -> SentPod:
    """Read a pod out of a review by the native reader, which takes it."""
    sent = _sent_if_taken(object_, minor)
    assert sent is not None, object_
    return sent


def _read(object_: dict[str, Any], minor: int) -> PlainReview | None:
    outlines = outline_review(_body(object_), minor)
    return None if outlines is None else read_outlined(outlines, REVIEW_VERSIONS, minor)


def _sent_if_taken(object_: dict[str, Any], minor: int) -> SentPod | None:
    named = {"apiVersion": "v1", "kind": "Pod", **object_}
    named["metadata"] = {**named.get("metadata", {}), "namespace": "n"}
    read = _read(named, minor)
    sent = None if read is None else read.request.object
    assert sent is None or isinstance(sent, SentPod)
    return sent


def _judged(sent: SentPod, minor: int) -> ShapedPod:
    return ShapedPod(lambda: default_pod(sent.typed, minor), sent.shape_at(minor))


def _typed(object_: dict[str, Any], minor: int) -> Pod:
    """Read a pod by the exact decoder."""
    decoded = decode(object_, "Pod", version=minor)
    assert decoded.fatal is None
    return default_pod(raw_pod(decoded.object), minor)


def _said(verdict: Verdict) -> tuple[bool, str, str]:
    return verdict.allowed, verdict.reason, verdict.detail


def _compare(object_: dict[str, Any], minors: tuple[int, ...] = MINORS) -> set[bool]:
    """See that a pod has the same verdicts in each way, also remembered ones; tell whether it is allowed."""
    found = set()
    for minor in minors:
        sent, exact, gates = _sent_if_taken(object_, minor), _typed(object_, minor), FeatureGates(minor)
        if sent is None:  # it has a field that the version has not
            assert minor < NEWEST
            continue
        for level in LEVELS:
            right = evaluator_of(level, gates).evaluate(exact)
            for _ in range(2):
                judged = _judged(sent, minor)
                assert judged._shape is not None
                assert _said(judged.verdict(level, gates)) == _said(right), (object_, level, minor)
            # what is read of the whole pod is enough
            read = default_pod(sent.typed, minor)
            assert evaluator_of(level, gates).evaluate(read).findings == right.findings
            found.add(right.allowed)
    return found


def _with(container: dict[str, Any], **spec: Any) -> dict[str, Any]:
    made = pod(**spec)
    made["spec"]["containers"][0].update(container)
    return made


PODS: dict[str, dict[str, Any]] = {
    "good": pod(),
    "bare": pod({}),
    "forbidden volume": pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]),
    "two volumes": pod(volumes=[{"name": "v", "nfs": {}}, {"name": "w"}, {"name": "x", "rbd": {}}]),
    "volume without source": pod(volumes=[{"name": "v"}]),
    "null volume": pod(volumes=[None, {"name": "w", "iscsi": {}}]),
    "host network": _with({"ports": [{"containerPort": 80}, {"hostPort": 81}]}, hostNetwork=True),
    "host port": _with({"ports": [{"containerPort": 80, "hostPort": 8080}]}),
    "host namespaces": pod(hostPID=True, hostIPC=True),
    "windows": pod({"windowsOptions": {"hostProcess": True}}, os={"name": "windows"}),
    "user namespace": pod({"procMount": "Unmasked", "runAsUser": 0}, hostUsers=False),
    "sysctls": pod(securityContext={"sysctls": [{"name": "kernel.x", "value": "1"}]}),
    "probe": _with({"livenessProbe": {"httpGet": {"host": "h", "port": 80}}}),
    "lifecycle": _with({"lifecycle": {"preStop": {"tcpSocket": {"host": "h", "port": "x"}}}}),
    "init containers": pod(initContainers=[{"name": "a"}, {"name": "b", "restartPolicy": "Always"}]),
    "ephemeral containers": pod(ephemeralContainers=[{"name": "e", "securityContext": {"privileged": True}}]),
    "runtime class": pod({"privileged": True}, runtimeClassName="vm"),
    "nulls": pod(volumes=None, securityContext=None, hostPID=None, initContainers=None),
    "null container": pod(initContainers=[None]),
    "AppArmor": {**pod(), "metadata": {"annotations": {f"{APPARMOR}c": "unconfined", f"{APPARMOR}x": "y"}}},
    "seccomp": {**pod({}), "metadata": {"annotations": {SECCOMP: "unconfined"}}},
    "no spec": {"metadata": {"name": "p"}},
    "no metadata": {"spec": pod()["spec"]},
}  # fmt: skip


@pytest.mark.parametrize("object_", PODS.values(), ids=PODS)
def test_each_reason_to_look_at_a_pod(object_: dict[str, Any]) -> None:
    _compare(object_)


def _random_pods(count: int) -> Iterator[dict[str, Any]]:
    """Make pods of which parts of those above are put together."""
    chance = random.Random(8)
    specs = [made["spec"] for made in PODS.values() if "spec" in made]
    for number in range(count):
        spec: dict[str, Any] = {}
        for part in chance.sample(specs, chance.randint(1, 4)):
            spec |= {
                key: value for key, value in part.items() if key != "containers" or chance.random() < 0.5
            }
        containers = [chance.choice(specs)["containers"][0] for _ in range(chance.randint(1, 3))]
        spec["containers"] = [{**one, "name": f"c{place}"} for place, one in enumerate(containers)]
        metadata = dict(chance.choice([made.get("metadata", {}) for made in PODS.values()]))
        yield {"metadata": {**metadata, "name": f"p{number}"}, "spec": spec}


def test_random_pods() -> None:
    pods = list(_random_pods(120))
    assert set().union(*(_compare(made, (24, NEWEST)) for made in pods)) == {True, False}


@requires.needs(requires.shared("conformance/psa"))
def test_the_pods_of_pod_security() -> None:
    files = sorted(PSA.glob("*/v1.*/*/*.yaml"))
    assert len(files) == 620
    # most of them are the same at many versions
    pods = {file.read_bytes() for file in files}
    assert set().union(*(_compare(yaml.safe_load(text), (NEWEST,)) for text in sorted(pods))) == {True, False}


def _workload(number: int, *contexts: dict[str, Any]) -> dict[str, Any]:
    containers = [
        {"name": f"c{place}", "image": f"i:{number}", "securityContext": context}
        for place, context in enumerate(contexts)
    ]
    metadata = {"name": f"p-{number}", "labels": {"hash": str(number)}}
    volumes = [{"name": f"token-{number}", "projected": {"sources": [{"secret": {"name": f"s{number}"}}]}}]
    return {
        "metadata": metadata,
        "spec": {"containers": containers, "volumes": volumes, "nodeName": str(number)},
    }


@pytest.mark.parametrize("contexts", [(GOOD,), (GOOD, {}), ({"privileged": True},)])
def test_pods_of_a_workload_share_a_verdict(
    contexts: tuple[dict[str, Any], ...], known: dict[Any, Verdict | None]
) -> None:
    gates, level = FeatureGates(NEWEST), LevelVersion("restricted")

    def read() -> Pod:
        pytest.fail("the whole pod was asked for")

    for number in range(5):
        made = _workload(number, *contexts)
        verdict = ShapedPod(read, _sent(made).shape_at(NEWEST)).verdict(level, gates)
        assert _said(verdict) == _said(evaluator_of(level, gates).evaluate(_typed(made, NEWEST)))
    assert len(known) == 1


def test_what_a_verdict_rests_on_is_part_of_the_shape(known: dict[Any, Verdict | None]) -> None:
    """Otherwise one pod would get the verdict of another."""
    shapes = [_sent(made).shape_at(NEWEST) for made in PODS.values()]
    same = {"good": "runtime class"}
    assert len(set(shapes)) >= len(PODS) - len(same) - 2
    for level, minor in itertools.product(LEVELS[:2], (30, NEWEST)):
        _judged(_sent(PODS["bare"]), NEWEST).verdict(level, FeatureGates(minor))
    assert len(known) == 4


def test_a_volume_that_is_named_needs_the_whole_pod(known: dict[Any, Verdict | None]) -> None:
    gates, level = FeatureGates(NEWEST), LevelVersion("baseline")
    for name in ("first", "second"):
        made = pod(volumes=[{"name": name, "hostPath": {"path": "/"}}])
        assert (
            f'hostPath volumes (volume "{name}")' in _judged(_sent(made), NEWEST).verdict(level, gates).detail
        )
    assert list(known.values()) == [None]


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_long_shapes_are_not_kept(more: int, kept: bool, known: dict[Any, Verdict | None]) -> None:
    def shape(length: int) -> bytes:
        made = pod()
        made["metadata"]["annotations"] = {"a": "x" * length}
        found = _sent(made).shape_at(NEWEST)
        assert found is not None
        return found

    text = shape(shaped_pod._LARGEST_KEPT - len(shape(0)) + more)
    assert len(text) == shaped_pod._LARGEST_KEPT + more
    judged = ShapedPod(lambda: _typed(pod(), NEWEST), text)
    assert judged.verdict(LevelVersion("restricted"), FeatureGates(NEWEST)).allowed
    assert bool(known) == kept


@pytest.mark.parametrize(
    ("name", "kept"), [("c", True), ("c" * 600, True), ("c" * 4096, False), ("ü" * 600, False)]
)
def test_long_verdicts_are_not_kept(name: str, kept: bool, known: dict[Any, Verdict | None]) -> None:
    """Each check names the container."""
    made = _with({"name": name, "securityContext": {}})
    verdict = _judged(_sent(made), NEWEST).verdict(LevelVersion("restricted"), FeatureGates(NEWEST))
    assert _said(verdict) == _said(
        evaluator_of(LevelVersion("restricted"), FeatureGates(NEWEST)).evaluate(_typed(made, NEWEST))
    )
    assert bool(known) == kept


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, known: dict[Any, Verdict | None]) -> None:
    assert shaped_pod._MOST_KEPT * shaped_pod._LARGEST_KEPT * 2 <= 16 << 20
    monkeypatch.setattr(shaped_pod, "_MOST_KEPT", 3)
    kept = []
    for number in range(5):
        judged = _judged(_sent(_with({"name": f"c{number}"})), NEWEST)
        judged.verdict(LevelVersion("restricted"), FeatureGates(NEWEST))
        kept.append(len(known))
    assert kept == [1, 2, 3, 1, 2]


def test_without_a_shape_the_pod_is_judged(known: dict[Any, Verdict | None]) -> None:
    for name in _NAMES:
        judged = ShapedPod(lambda: _typed(PODS["bare"], NEWEST))
        assert judged.verdict(LevelVersion(name), FeatureGates(NEWEST)).allowed == (name == "baseline")
    assert judged.typed is judged.typed
    assert not known
    assert _sent(pod(), 36).shape_at(NEWEST) is None


def test_what_was_not_read_cannot_be_asked_for() -> None:
    volumes = [{"name": "v", "secret": {"secretName": "s"}}]
    sent = _sent(_with({"volumeMounts": [{"name": "v", "mountPath": "/v"}]}, volumes=volumes))
    spec: Any = sent.typed.spec
    assert spec.containers[0].image == "i:1"
    for value, name in (
        (sent.typed.metadata, "generate_name"),
        (spec, "node_name"),
        (spec.containers[0], "working_dir"),
        (spec.containers[0].volume_mounts[0], "mount_path"),
        (spec.volumes[0].secret, "items"),
    ):
        with pytest.raises(UnreadField, match=f"{name} of a .* was not read"):
            getattr(value, name)
    shape = sent.shape_at(NEWEST)
    assert shape is not None
    seen: Any = shaped_pod._shape_decoder()(shape)
    for value, name in (
        (seen.metadata, "labels"),
        (seen.metadata, "name"),
        (seen.spec, "runtime_class_name"),
        (seen.spec.containers[0], "image"),
        (seen.spec.containers[0], "restart_policy"),
        (seen.spec.volumes[0], "name"),
    ):
        with pytest.raises(UnreadField, match=f"{name} of a .* was not read"):
            getattr(value, name)


@pytest.mark.parametrize("checks", [["hostPathVolumes"], ["restrictedVolumes", "capabilities_restricted"]])
@pytest.mark.parametrize("containers", [None, ["c"]])
def test_exemptions_see_of_a_pod_what_they_need(checks: list[str], containers: list[str] | None) -> None:
    exemption = exempted.exemption(namespaces=["n"], checks=checks, containers=containers)
    cluster = exempted.cluster(exempted.enforcing("restricted", "n"), exemption)
    moment = Moment(exempted.NOW)
    for made in PODS.values():
        read = _read({"apiVersion": "v1", "kind": "Pod", **made}, NEWEST)
        assert read is not None
        assert isinstance(read.request.object, SentPod)
        plain = msgspec.structs.replace(read.request, object=read.request.object.plain)
        fast, exact = (
            decide(asked, cluster, phase="validating", moment=moment) for asked in (read.request, plain)
        )
        assert fast == exact, made
