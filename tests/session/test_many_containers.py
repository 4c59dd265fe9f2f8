"""Pods of thousands of containers: the verdict counts them all, the rest looks at the first and says so."""

import msgspec
import pytest
from custom_checks import check_text, errors_of

from podproof.errors import ManifestError
from podproof.findings import MOST_LISTED
from podproof.kube.pod import Container, Pod, PodSpec
from podproof.session.explain import explain_pod
from podproof.session.judging.many_containers import MOST_CONTAINERS, first_containers, too_many

SAFE = (
    "{name: c#, image: i, securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, "
    "capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}}"
)
HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n"


def pod(count: int, more: str = "", field: str = "containers") -> str:
    """A manifest of `count` containers that violate nothing, and one `more` after them."""
    lines = [f"  - {SAFE.replace('#', str(number))}\n" for number in range(count)]
    return f"{HEAD}  {field}:\n{''.join(lines)}" + (f"  - {more}\n" if more else "")


def test_as_many_as_are_looked_at_are_judged_to_the_end() -> None:
    result = check_text(pod(MOST_CONTAINERS), "restricted")
    assert (errors_of(result), result.undecided) == ([], 0)


def test_more_are_undecided_and_counted() -> None:
    result = check_text(pod(MOST_CONTAINERS + 2), "restricted")
    assert result.undecided == 1
    (finding,) = [one.finding for one in result.findings if one.finding.check == "search-limit"]
    assert finding.message == (
        f"not all of the Pod was judged: 2 of {MOST_CONTAINERS + 2} containers were not looked at one by one"
    )
    assert finding.route == ("spec",)
    (entry,) = result.objects
    assert len(entry.containers) == MOST_CONTAINERS + 2


@pytest.mark.parametrize("field", ["containers", "initContainers"])
def test_the_verdict_is_about_all_of_them(field: str) -> None:
    more = "{name: last, image: i, securityContext: {privileged: true}}"
    text = pod(MOST_CONTAINERS, more, field)
    if field != "containers":
        text += f"  containers: [{SAFE.replace('#', '')}]\n"
    result = check_text(text, "restricted")
    security = result.objects[0].pod_security
    assert security is not None
    assert not security.allowed
    assert 'container "last" must not set securityContext.privileged=true' in security.detail
    # a control that only the last container violates is reported all the same
    assert ("privileged", f"spec.{field}[{MOST_CONTAINERS}].securityContext.privileged") in errors_of(result)


def test_what_the_server_refuses_is_reported_wherever_it_is() -> None:
    result = check_text(pod(MOST_CONTAINERS, "{name: last}"))
    assert ("missing-value", f"spec.containers[{MOST_CONTAINERS}].image") in errors_of(result)


def test_a_type_in_a_later_container_is_reported() -> None:
    result = check_text(pod(MOST_CONTAINERS, "{name: last, image: i, ports: x}"))
    assert ("wrong-type", f"spec.containers[{MOST_CONTAINERS}].ports") in errors_of(result)
    assert result.objects[0].pod_security is None


def test_what_the_first_containers_do_is_counted_as_ever() -> None:
    text = HEAD + "  containers:\n" + "  -\n" * 3000
    result = check_text(text)
    counted = {entry.check: entry.count for entry in result.unlisted}
    assert counted["missing-value"] == 2 * MOST_CONTAINERS - MOST_LISTED


def test_only_the_first_are_explained() -> None:
    with pytest.raises(ManifestError, match=r"^<text>:5:3: not all is explained: 1 of 501 containers were "):
        explain_pod(pod(MOST_CONTAINERS + 1))
    assert len(explain_pod(pod(MOST_CONTAINERS)).objects[0].containers) == MOST_CONTAINERS


def test_what_refuses_the_pod_is_told_shortly_to_each_container() -> None:
    (entry,) = explain_pod(HEAD + "  containers:\n" + "  - {name: c, image: i}\n" * 400).objects
    messages = {one.start.message for one in entry.containers}
    (message,) = messages
    assert message.startswith('Pod "a" is invalid: [spec.containers[1].name: Duplicate value: "c", ')
    assert message.endswith('spec.containers[10].name: Duplicate value: "c"] and 389 more errors')


def test_a_long_value_is_not_repeated_for_each_container() -> None:
    long = "x" * 20_000
    text = HEAD + f"  restartPolicy: {long}\n  containers: [{{name: a, image: i}}, {{name: b, image: i}}]\n"
    (entry,) = explain_pod(text).objects
    assert all(one.start.message.endswith("xxx...") for one in entry.containers)
    assert all(len(one.start.message) < 5_000 for one in entry.containers)


def test_each_list_has_its_own_first() -> None:
    containers = tuple(Container(name=str(number)) for number in range(MOST_CONTAINERS + 3))
    spec = PodSpec(init_containers=containers[:1], containers=containers, ephemeral_containers=containers[1:])
    few = first_containers(Pod(spec=spec)).spec
    assert few is not None
    assert few.init_containers == containers[:1]
    assert few.containers == containers[:MOST_CONTAINERS]
    assert few.ephemeral_containers == containers[1 : MOST_CONTAINERS + 1]


def test_what_fits_is_the_same_pod() -> None:
    small = Pod(spec=PodSpec(containers=(Container(name="c"),)))
    assert first_containers(small) is small
    bare = msgspec.structs.replace(small, spec=None)
    assert first_containers(bare) is bare


@pytest.mark.parametrize("spec", [None, "x", {}, {"containers": None}, {"containers": {"a": 1}}])
def test_what_has_no_list_has_not_too_many(spec: object) -> None:
    assert too_many(spec) == ""
