"""`$(VAR)` as the kubelet expands it."""

import time
from itertools import pairwise

import pytest

from podproof.kubelet.environment import ConfigProblem, environment, expand_all, expand_sub_path
from podproof.kubelet.expansion import MAX_EXPANDED, expand
from podproof.kubelet.fields import DownwardValues
from podproof.kubelet.objects import Objects

HELD = {"A": "va", "EMPTY": "", "DOLLAR": "$(A)"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("$(A)", "va"),
        ("x$(A)y$(A)", "xvayva"),
        ("$(EMPTY)", ""),
        ("$(NOPE)", "$(NOPE)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$va"),
        ("$$$$(A)", "$$(A)"),
        ("$", "$"),
        ("a$", "a$"),
        ("$A", "$A"),
        ("$(A", "$(A"),
        ("$()", "$()"),
        ("$(DOLLAR)", "$(A)"),
        ("$(A$(A))", "$(A$(A))"),
        ("$é(A)", "$é(A)"),
    ],
)
def test_references(text: str, expanded: str) -> None:
    assert expand(text, HELD) == expanded


def container(**fields: object) -> dict[str, object]:
    return {"name": "c", **fields}


POD = {"metadata": {"name": "web", "namespace": "shop", "labels": {"b": 'x"y', "a": "1"}}, "spec": {}}


def test_variables_see_what_stands_before_them() -> None:
    made = environment(
        container(
            env=[{"name": "A", "value": "$(B)"}, {"name": "B", "value": "b"}, {"name": "C", "value": "$(B)"}]
        ),
        POD,
        Objects(),
        DownwardValues(),
    )
    assert made == {"A": "$(B)", "B": "b", "C": "b"}


def test_env_wins_over_env_from_and_sees_it() -> None:
    objects = Objects(
        [{"kind": "ConfigMap", "metadata": {"name": "m", "namespace": "shop"}, "data": {"A": "1", "B": "2"}}]
    )
    made = environment(
        container(
            envFrom=[{"configMapRef": {"name": "m"}}, {"prefix": "P_", "configMapRef": {"name": "m"}}],
            env=[{"name": "A", "value": "mine $(B)"}],
        ),
        POD,
        objects,
        DownwardValues(),
    )
    assert made == {"A": "mine 2", "B": "2", "P_A": "1", "P_B": "2"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no"}}]}, 'secret "no" not found'),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "no"}}}]},
            "couldn't find key no in Secret shop/s",
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "no"}}}]},
            'configmap "m" not found',
        ),
        (
            {"env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.no"}}}]},
            "unsupported fieldPath: spec.no",
        ),
    ],
)
def test_what_is_missing_is_said_in_the_kubelets_words(fields: dict[str, object], words: str) -> None:
    objects = Objects(
        [{"kind": "Secret", "metadata": {"name": "s", "namespace": "shop"}, "data": {"k": "dg=="}}]
    )
    with pytest.raises(ConfigProblem) as problem:
        environment(container(**fields), POD, objects, DownwardValues())
    assert str(problem.value) == words


def test_optional_references_leave_their_variable_out() -> None:
    optional = {"name": "no", "key": "k", "optional": True}
    made = environment(
        container(
            envFrom=[{"secretRef": {"name": "no", "optional": True}}],
            env=[{"name": "A", "valueFrom": {"configMapKeyRef": optional}}],
        ),
        POD,
        Objects(),
        DownwardValues(),
    )
    assert made == {}


@pytest.mark.parametrize(
    ("resource", "divisor", "value"),
    [
        ("limits.cpu", None, "1"),
        ("limits.cpu", "1m", "250"),
        ("requests.cpu", "1m", "100"),
        ("limits.memory", "1Mi", "64"),
        ("limits.memory", "1", str(64 << 20)),
        ("requests.memory", None, "0"),
        ("limits.ephemeral-storage", "1Gi", "10"),
    ],
)
def test_resources_are_rounded_up_to_their_divisor(resource: str, divisor: str | None, value: str) -> None:
    reference: dict[str, object] = {"resource": resource}
    if divisor is not None:
        reference["divisor"] = divisor
    made = environment(
        container(
            resources={"limits": {"cpu": "250m", "memory": "64Mi"}, "requests": {"cpu": "100m"}},
            env=[{"name": "R", "valueFrom": {"resourceFieldRef": reference}}],
        ),
        POD,
        Objects(),
        DownwardValues(storage=10 << 30),
    )
    assert made == {"R": value}


def test_labels_as_a_file_of_quoted_lines() -> None:
    made = environment(
        container(
            env=[
                {"name": "L", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels"}}},
                {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['b']"}}},
            ]
        ),
        POD,
        Objects(),
        DownwardValues(),
    )
    assert made == {"L": 'a="1"\nb="x\\"y"', "B": 'x"y'}


def test_a_sub_path_needs_all_its_variables() -> None:
    assert expand_sub_path("a/$(A)", {"A": "x"}) == "a/x"
    with pytest.raises(ConfigProblem, match=r"^missing value for A, B$"):
        expand_sub_path("$(B)/$(A)", {"A": ""})


def test_references_that_grow_without_end_are_refused() -> None:
    """Each variable is ten times the one before: the last would have 10^39 characters."""
    names = [f"A{index}" for index in range(40)]
    env = [{"name": names[0], "value": "0123456789"}]
    env += [{"name": name, "value": f"$({before})" * 10} for before, name in pairwise(names)]
    with pytest.raises(ConfigProblem, match="more than 16777216 characters"):
        environment({"env": env}, POD, Objects(), DownwardValues())
    many = [{"name": f"B{index}", "value": "$(A)"} for index in range(20)]
    env = [{"name": "A", "value": "x" * 2**20}, *many]
    with pytest.raises(ConfigProblem, match="environment variables have more than 16777216 characters"):
        environment({"env": env}, POD, Objects(), DownwardValues())
    with pytest.raises(ConfigProblem, match="command and arguments have more than 16777216 characters"):
        expand_all(["$(A)"] * 20, {"A": "x" * 2**20})
    assert len("".join(expand_all(["$(A)"] * 16, {"A": "x" * 2**20}))) == MAX_EXPANDED


def test_references_without_an_end_cost_little() -> None:
    text = "$(" * 500_000
    began = time.process_time()
    assert expand(text, HELD) == text
    assert time.process_time() - began < 5
