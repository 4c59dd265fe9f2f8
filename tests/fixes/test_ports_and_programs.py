"""What containers keep when capabilities are dropped: what the program's file carries, and low ports."""

from typing import Any

import pytest
from planned_pods import pod_to_fix

from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit
from podproof.effective.image import ImageConfig
from podproof.findings import ContainerRef
from podproof.fixes.capabilities import places_with_bind_service, plan_needed_capabilities, plan_ports
from podproof.fixes.change import PlannedChange, PodToFix

A, B, INIT = ContainerRef("a", "container"), ContainerRef("b", "container"), ContainerRef("i", "init")
IMAGES = {
    "server": ImageConfig(
        user="7", entrypoint=("/s",), command=(), file_capabilities="cap_net_bind_service=ep"
    ),
    "raw": ImageConfig(user="7", entrypoint=("/s",), command=(), file_capabilities="cap_net_raw=ep"),
    "plain": ImageConfig(user="7", entrypoint=("/s",), command=(), file_capabilities=""),
    "seven": ImageConfig(user="7"),
}
PLACES = {"a": ("spec", "containers", 0), "b": ("spec", "containers", 1), "i": ("spec", "initContainers", 0)}
WHY = "the program's file carries NET_BIND_SERVICE: it does not start where that is dropped"


def needed(spec: str, had: str = "abi") -> list[PlannedChange]:
    value, pod = pod_to_fix(spec, IMAGES)
    return list(plan_needed_capabilities(value, pod, [PLACES[name] for name in had]))


@pytest.mark.parametrize(
    ("image", "capabilities", "had", "names"),
    [
        ("server", "{drop: [ALL]}", "a", ["NET_BIND_SERVICE"]),
        ("server", "{drop: [NET_BIND_SERVICE]}", "a", ["NET_BIND_SERVICE"]),
        ("server", "{drop: [ALL], add: null}", "a", ["NET_BIND_SERVICE"]),
        ("server", "{drop: [ALL], add: []}", "a", ["NET_BIND_SERVICE"]),
        ("server", "{drop: [ALL], add: [CHOWN]}", "a", ["CHOWN", "NET_BIND_SERVICE"]),
        # it had none before
        ("server", "{drop: [ALL]}", "b", None),
        # it has it
        ("server", "{drop: [ALL], add: [NET_BIND_SERVICE]}", "a", None),
        ("server", "{drop: [CHOWN]}", "a", None),
        ("server", "{}", "a", None),
        # its program needs none, or another that no level allows, or is not known
        ("plain", "{drop: [ALL]}", "a", None),
        ("raw", "{drop: [ALL]}", "a", None),
        ("seven", "{drop: [ALL]}", "a", None),
        ("unknown", "{drop: [ALL]}", "a", None),
    ],
)
def test_what_the_programs_file_carries(
    image: str, capabilities: str, had: str, names: list[str] | None
) -> None:
    spec = f"containers: [{{name: a, image: {image}, securityContext: {{capabilities: {capabilities}}}}}]"
    edit = Edit((*PLACES["a"], "securityContext", "capabilities", "add"), "set", names)
    shown = f"securityContext.capabilities.add: [{', '.join(names or ())}]"
    expected = PlannedChange("same", (edit,), shown, WHY, ("capabilities-restricted",), A)
    assert needed(spec, had) == ([expected] if names else [])


def test_each_container_for_itself() -> None:
    context = "securityContext: {capabilities: {drop: [ALL]}}"
    spec = (
        f"initContainers: [{{name: i, image: server, {context}}}]\n"
        f"containers: [{{name: a, image: plain, {context}}}, {{name: b, image: server, {context}}}]"
    )
    assert [change.container for change in needed(spec)] == [INIT, B]
    assert [change.container for change in needed(spec, "b")] == [B]


@pytest.mark.parametrize(
    ("capabilities", "has"),
    [
        ("{}", True), ("{drop: [CHOWN]}", True), ("{drop: [ALL], add: [NET_BIND_SERVICE]}", True),
        ("{drop: [ALL]}", False), ("{drop: [NET_BIND_SERVICE]}", False),
        ("{drop: [ALL], add: [CHOWN]}", False),
    ],
)  # fmt: skip
def test_who_has_the_capability(capabilities: str, has: bool) -> None:
    """The other container, which has it, changes nothing."""
    _, pod = pod_to_fix(
        "containers: [{name: a, image: plain, securityContext: "
        f"{{capabilities: {capabilities}}}}}, {{name: b, image: plain}}]"
    )
    assert places_with_bind_service(pod) == {*([PLACES["a"]] if has else []), PLACES["b"]}


def test_where_processes_are_not_known_all_may_have_it() -> None:
    places = (PLACES["a"], PLACES["i"])
    assert places_with_bind_service(PodToFix(("spec",), (A, INIT), places)) == set(places)
    assert places_with_bind_service(PodToFix(("spec",), (), ())) == set()


START = "net.ipv4.ip_unprivileged_port_start"
ROUTE = ("spec", "securityContext", "sysctls")


def ports(*numbers: int) -> str:
    return ", ".join(f"{{containerPort: {number}}}" for number in numbers)


def opened(spec: str, refused: tuple[ContainerRef, ...] = (A, B, INIT)) -> list[PlannedChange]:
    value, pod = pod_to_fix(spec, IMAGES)
    return list(plan_ports(value, pod, refused))


@pytest.mark.parametrize(
    ("ports_of_a", "lowest"),
    [
        ([80], 80), ([443, 80, 8080], 80), ([80, 443], 80), ([1023], 1023), ([1], 1), ([8080, 22], 22),
        ([1024], None), ([8080], None), ([0], None), ([-5], None), ([], None),
    ],
)  # fmt: skip
def test_the_lowest_port_is_the_first_that_everybody_may_use(
    ports_of_a: list[int], lowest: int | None
) -> None:
    changes = opened(f"containers: [{{name: a, image: seven, ports: [{ports(*ports_of_a)}]}}]")
    if lowest is None:
        assert changes == []
        return
    why = (
        f'container "a" listens on port {lowest} as user 7; '
        "runtimes that open low ports to everybody, such as containerd 2.x, need no sysctl: see --runtime"
    )
    edits = (Edit(ROUTE, "set", [{"name": START, "value": str(lowest)}]),)
    shown = f"securityContext.sysctls: [{{name: {START}, value: {lowest}}}]"
    assert changes == [PlannedChange("same", edits, shown, why, ("privileged-port-without-way",))]


@pytest.mark.parametrize(
    ("of_a", "of_b", "refused", "named"),
    [
        (443, 80, (A, B), 'container "b" listens on port 80 '),
        (80, 443, (A, B), 'container "a" listens on port 80 '),
        (80, 80, (A, B), 'container "a" listens on port 80 '),
        (443, 80, (A,), 'container "a" listens on port 443 '),
        (443, 80, (B,), 'container "b" listens on port 80 '),
        (443, 80, (INIT,), None),
        (443, 80, (), None),
    ],
)
def test_only_of_those_that_no_longer_can(
    of_a: int, of_b: int, refused: tuple[ContainerRef, ...], named: str | None
) -> None:
    changes = opened(
        f"containers: [{{name: a, image: seven, ports: [{ports(of_a)}]}}, "
        f"{{name: b, image: seven, ports: [{ports(of_b)}]}}]",
        refused,
    )
    assert [change.why.partition("as user")[0] for change in changes] == ([named] if named else [])


def test_the_network_of_the_node_keeps_its_own() -> None:
    spec = f"containers: [{{name: a, image: seven, ports: [{ports(80)}]}}]"
    assert len(opened(spec + "\nhostNetwork: false")) == 1
    assert opened(spec + "\nhostNetwork: true") == []


def test_ports_of_no_number_are_none() -> None:
    assert opened("containers: [{name: a, image: seven, ports: [{name: web}]}]") == []


OTHER = {"name": "net.ipv4.tcp_syncookies", "value": "1"}
OURS = {"name": START, "value": "80"}


@pytest.mark.parametrize(
    ("sysctls", "route", "written", "after"),
    [
        (None, ROUTE, [OURS], [OURS]),
        ([], ROUTE, [OURS], [OURS]),
        ("wrong", ROUTE, [OURS], [OURS]),
        ([OTHER], (*ROUTE, 1), OURS, [OTHER, OURS]),
        ([{"name": START, "value": "500"}], (*ROUTE, 0, "value"), "80", [OURS]),
        ([OTHER, {"name": START}], (*ROUTE, 1, "value"), "80", [OTHER, OURS]),
        ([OTHER, {"name": START, "value": "500"}, OTHER], (*ROUTE, 1, "value"), "80", [OTHER, OURS, OTHER]),
        ([{"name": "net/ipv4/ip_unprivileged_port_start"}], (*ROUTE, 0, "value"), "80",
         [{"name": "net/ipv4/ip_unprivileged_port_start", "value": "80"}]),
        ([7, {"value": "1"}, {"name": None}], (*ROUTE, 3), OURS, [7, {"value": "1"}, {"name": None}, OURS]),
    ],
)  # fmt: skip
def test_where_the_sysctl_is_written(sysctls: Any, route: Any, written: Any, after: Any) -> None:
    _, pod = pod_to_fix(f"containers: [{{name: a, image: seven, ports: [{ports(80)}]}}]", IMAGES)
    value = {"spec": {"securityContext": {"sysctls": sysctls}}}
    (change,) = plan_ports(value, pod, [A])
    assert change.edits == (Edit(route, "set", written),)
    assert apply_edits(value, change.edits)["spec"]["securityContext"]["sysctls"] == after
