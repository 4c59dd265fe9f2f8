"""Where a container's variables come from: values, ConfigMaps, Secrets, fields; and what is missing."""

from base64 import b64encode
from typing import Any

import pytest

from podproof.kubelet.environment import (
    ConfigProblem,
    config_map_data,
    environment,
    expand_all,
    secret_data,
)
from podproof.kubelet.expansion import MAX_EXPANDED
from podproof.kubelet.fields import DownwardValues
from podproof.kubelet.objects import Objects


def b64(text: str) -> str:
    return b64encode(text.encode()).decode()


CONFIG = {
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "n"},
    "data": {"A": "1", "EMPTY": None},
    "binaryData": {"BIN": b64("x")},
}
SECRET = {
    "kind": "Secret",
    "metadata": {"name": "s", "namespace": "n"},
    "data": {"A": b64("two"), "P": b64("p"), "NONE": None},
    "stringData": {"P": "over", "Q": None},
}
POD: dict[str, Any] = {"metadata": {"name": "p", "namespace": "n"}}


def variables(pod: dict[str, Any] | None = None, **container: Any) -> dict[str, str]:
    return environment(container, pod or POD, Objects([CONFIG, SECRET]), DownwardValues(pod_ip="10.0.0.7"))


def test_the_data_of_objects() -> None:
    assert secret_data(SECRET) == {"A": b"two", "P": b"over", "Q": b"", "NONE": b""}
    assert config_map_data(CONFIG) == {"A": b"1", "EMPTY": b"", "BIN": b"x"}
    assert secret_data({}) == config_map_data({}) == {}
    empty = {"data": {"A": None}, "binaryData": {"B": None, "C": ""}, "stringData": {"D": None}}
    assert config_map_data(empty) == {"A": b"", "B": b"", "C": b""}
    assert secret_data(empty) == {"A": b"", "D": b""}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ({"secretKeyRef": {"name": "s", "key": "A"}}, "two"),
        ({"secretKeyRef": {"name": "s", "key": "P"}}, "over"),
        ({"secretKeyRef": {"name": "s", "key": "Q"}}, ""),
        ({"secretKeyRef": {"name": "s", "key": "NONE"}}, ""),
        ({"secretKeyRef": {"name": "s", "key": "R", "optional": True}}, None),
        ({"configMapKeyRef": {"name": "c", "key": "A"}}, "1"),
        ({"configMapKeyRef": {"name": "c", "key": "EMPTY"}}, ""),
        ({"configMapKeyRef": {"name": "c", "key": "B", "optional": True}}, None),
    ],
)
def test_one_key_of_an_object(source: dict[str, Any], text: str | None) -> None:
    found = variables(env=[{"name": "V", "valueFrom": source}])
    assert found == ({} if text is None else {"V": text})


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([{"configMapRef": {"name": "c"}}], {"A": "1", "EMPTY": ""}),
        ([{"secretRef": {"name": "s"}}], {"A": "two", "P": "over", "Q": "", "NONE": ""}),
        ([{"prefix": "X_", "configMapRef": {"name": "c"}}], {"X_A": "1", "X_EMPTY": ""}),
        (
            [{"configMapRef": {"name": "c"}}, {"secretRef": {"name": "s"}}],
            {"A": "two", "EMPTY": "", "P": "over", "Q": "", "NONE": ""},
        ),
        (
            [
                {"configMapRef": {"name": "no", "optional": True}},
                {"secretRef": {"name": "no", "optional": True}},
            ],
            {},
        ),
        ([{}], {}),
    ],
)
def test_env_from(sources: list[dict[str, Any]], expected: dict[str, str]) -> None:
    assert variables(envFrom=sources) == expected


def test_a_variable_counts_over_env_from_and_sees_it() -> None:
    found = variables(
        envFrom=[{"configMapRef": {"name": "c"}}],
        env=[
            {"name": "B", "value": "$(A)$(C)"},
            {"name": "C", "value": "$(B)"},
            {"name": "A", "value": "3"},
            {"name": "D", "value": ""},
            {"name": "E"},
        ],
    )
    assert found == {"A": "3", "EMPTY": "", "B": "1$(C)", "C": "1$(C)", "D": "", "E": ""}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ({"configMapKeyRef": {"name": "c", "key": "A"}}, "1"),
        ({"secretKeyRef": {"name": "s", "key": "A"}}, "two"),
        ({"configMapKeyRef": {"name": "c", "key": "no", "optional": True}}, None),
        ({"configMapKeyRef": {"name": "no", "key": "A", "optional": True}}, None),
        ({"secretKeyRef": {"name": "no", "key": "A", "optional": True}}, None),
        ({"configMapKeyRef": {"name": "c", "key": "EMPTY"}}, ""),
        ({"fieldRef": {"fieldPath": "status.podIP"}}, "10.0.0.7"),
        ({"resourceFieldRef": {"resource": "limits.cpu"}}, "1"),
    ],
)
def test_value_from(source: dict[str, Any], value: str | None) -> None:
    found = variables(env=[{"name": "V", "valueFrom": source}])
    assert found == ({} if value is None else {"V": value})


def test_a_written_value_counts_before_its_source() -> None:
    source = {"configMapKeyRef": {"name": "no", "key": "A"}}
    assert variables(env=[{"name": "V", "value": "own", "valueFrom": source}]) == {"V": "own"}


@pytest.mark.parametrize(
    ("container", "message"),
    [
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no", "optional": False}}]}, 'secret "no" not found'),
        (
            {"env": [{"valueFrom": {"configMapKeyRef": {"name": "no", "key": "A"}}}]},
            'configmap "no" not found',
        ),
        ({"env": [{"valueFrom": {"secretKeyRef": {"key": "A"}}}]}, 'secret "" not found'),
        (
            {"env": [{"valueFrom": {"secretKeyRef": {"name": "s", "key": "no"}}}]},
            "couldn't find key no in Secret n/s",
        ),
        (
            {"env": [{"valueFrom": {"configMapKeyRef": {"name": "c"}}}]},
            "couldn't find key  in ConfigMap n/c",
        ),
        ({"env": [{"valueFrom": {"fieldRef": {"fieldPath": "x"}}}]}, "unsupported fieldPath: x"),
        (
            {"env": [{"valueFrom": {"resourceFieldRef": {"resource": "x"}}}]},
            "unsupported container resource : x",
        ),
    ],
)
def test_what_is_missing(container: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        variables(**container)
    assert str(caught.value) == message


def test_objects_of_another_namespace_do_not_count() -> None:
    with pytest.raises(ConfigProblem):
        variables({"metadata": {"name": "p"}}, envFrom=[{"configMapRef": {"name": "c"}}])


def test_commands_are_expanded() -> None:
    assert expand_all(["a", None, "$(B)-$$(B)"], {"B": "2"}) == ("a", "", "2-$(B)")


@pytest.mark.parametrize(("more", "refused"), [("", False), ("y", True)])
def test_the_characters_of_all_variables_are_counted(more: str, refused: bool) -> None:
    long = {
        "kind": "ConfigMap",
        "metadata": {"name": "long", "namespace": "n"},
        "data": {"A": "x" * (MAX_EXPANDED - 3), "B": "z"},
    }
    from_map = {"envFrom": [{"prefix": "_", "configMapRef": {"name": "long"}}]}
    half = {"name": "V", "value": "x" * (MAX_EXPANDED // 2)}
    for container in (
        {**from_map, "env": [{"name": "M", "value": more}]},
        {"envFrom": [{"prefix": "_" + more, "configMapRef": {"name": "long"}}]},
        {"env": [half, {**half, "name": "W"}, {"name": "M", "value": more}]},
    ):
        if not refused:
            assert environment(container, POD, Objects([long]), DownwardValues())
            continue
        with pytest.raises(ConfigProblem) as caught:
            environment(container, POD, Objects([long]), DownwardValues())
        assert str(caught.value) == (
            f"environment variables have more than {MAX_EXPANDED} characters, which no runtime takes"
        )
