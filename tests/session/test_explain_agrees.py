"""`explain` and `check` see the same pod: defaulted and named alike, whatever stands in the manifest."""

import json
import tarfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from podproof.checks.model.effect import Running
from podproof.effective.setting import Setting
from podproof.inputs.input import InputFile, InputObject
from podproof.inputs.objects import read_file
from podproof.kube.pod import Pod
from podproof.kube.reported_user import ReportedUser
from podproof.manifest.document import Document
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.effects import find_effects, put_steps
from podproof.session.judging.pods import Stored, owned_pod, pods_of
from podproof.session.judging.settings import make_judge
from podproof.steps import Steps

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "apps.tar.gz"
JUDGE = make_judge(ProjectConfiguration())


def judged(item: InputObject) -> list[Pod]:
    """Collect the pods on which check runs its checks of effects, as `find_effects` gets them."""
    seen: list[Pod] = []

    def listen(pod: Pod, reported: Mapping[str, ReportedUser]) -> Steps[Running]:
        seen.append(pod)
        return put_steps(Setting(), pod, reported)

    nothing = partial(find_effects, listen, lambda _facts, _covered: ())
    judge = msgspec.structs.replace(JUDGE, acceptance=(), find_effects=nothing)
    judge.judge(item.value)
    return seen


def explained(item: InputObject) -> list[Pod]:
    return [
        owned_pod(stored, item.value)
        for stored in pods_of(item.value, JUDGE.gates)
        if isinstance(stored, Stored)
    ]


def items(file: str, data: bytes) -> Iterator[InputObject]:
    return (found for found in read_file(InputFile(file, data)) if isinstance(found, InputObject))


def test_over_real_projects_and_the_examples() -> None:
    files = [(str(path), path.read_bytes()) for path in (ROOT / "examples").rglob("*.yaml")]
    if CORPUS.is_file():
        with tarfile.open(CORPUS) as archive:
            for member in archive:
                held = archive.extractfile(member) if member.name.endswith((".yaml", ".yml")) else None
                if held is not None:
                    files.append((member.name, held.read()))
    pods = 0
    for file, data in files:
        for item in items(file, data):
            found = explained(item)
            assert judged(item) in (found, []), file  # a bare context has no container to judge
            pods += len(found)
    assert pods > 20


names = st.sampled_from(["a", "b", "", "A_"])
odd: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**31),
    st.just("1000"),
    st.just([]),
    st.just({}),
    st.just([None]),
)
context = st.none() | st.dictionaries(
    st.sampled_from(
        ["runAsUser", "runAsGroup", "runAsNonRoot", "privileged", "capabilities", "seccompProfile", "fsGroup"]
    ),
    odd | st.just({"drop": ["ALL", None]}) | st.just({"type": "RuntimeDefault"}),
    max_size=3,
)
container = st.none() | st.fixed_dictionaries(
    {"name": names, "image": st.just("web")}, optional={"securityContext": context, "ports": odd}
)
spec = st.fixed_dictionaries(
    {"containers": st.lists(container, max_size=3)},
    optional={"initContainers": st.lists(container, max_size=2), "securityContext": context, "volumes": odd},
)
metadata = st.dictionaries(
    st.sampled_from(["name", "generateName", "namespace"]), st.just("x") | odd, max_size=3
)


@settings(max_examples=150)
@given(metadata, spec, st.sampled_from(["Pod", "Deployment", "Rollout", None]))
def test_over_odd_manifests(metadata: Any, spec: Any, kind: str | None) -> None:
    pod = {"metadata": metadata, "spec": spec}
    value: dict[str, Any] = {"kind": "Pod", "apiVersion": "v1", **pod}
    if kind in ("Deployment", "Rollout"):
        group = "apps/v1" if kind == "Deployment" else "argoproj.io/v1alpha1"
        value = {"kind": kind, "apiVersion": group, "metadata": metadata, "spec": {"template": pod}}
    elif kind is None:
        value = dict(pod)
    for item in items("odd.json", json.dumps(value).encode()):
        assert isinstance(item.document, Document)
        assert judged(item) in (explained(item), [])
