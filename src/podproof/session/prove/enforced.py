"""Compares what surrounds a container's process with what the runtime was asked for, and with its attacker.

A request and what the kernel shows go in, comparisons come out. What a program can change of itself (its
limits, its score, its environment) is looked at in its attacker, which was asked for alike and leaves it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...effective.compare import Comparison, compare
from ...effective.context import EffectiveSecurityContext
from ...effective.value import Origin, Unknown
from ...runtimes.engine import ContainerRequest
from ...runtimes.observation.enforced import Enforced

__all__ = ["compare_attacker", "compare_enforced"]

_DEVICES = ("b *:* m", "c *:* m", "c 136:* rwm", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm",
            "c 1:9 rwm", "c 5:0 rwm", "c 5:2 rwm")  # fmt: skip
"""Making any device file, and using null, zero, full, random, urandom, tty, ptmx and pseudo-terminals.

Source: opencontainers/runc libcontainer/specconv/spec_linux.go, AllowedDevices.
"""

_DEVICES_OF_SOME = frozenset(("c 10:200 rwm", "c 5:1 rwm"))
"""The tunnel device, which runc allowed until 1.2, and the console."""

_EVERY_DEVICE = ("a *:* rwm",)

_DEFAULT_SHARES = 1024  # source: linux Documentation/scheduler/sched-design-CFS.rst

_KUBELET = Origin("kubernetes", (), "what the kubelet asks the runtime for")
_RUNTIME = Origin("runtime", (), "the runtime's default")


def compare_enforced(
    request: ContainerRequest,
    seen: Enforced,
    witness: Enforced | None,
    *,
    mounted: Iterable[str] = (),
    runtime: str,
    own_score: int | None = None,
) -> tuple[Comparison, ...]:
    """Compare field by field. `mounted` are the paths that the manifest mounts volumes at.

    `witness` is what surrounds the attacker. `own_score` is this process's score for the OOM killer, below
    which an engine that it started cannot go.
    """
    first = witness or seen
    resources = request.resources
    return (
        _mounts(request, mounted, seen),
        _device_cgroup(request, seen, runtime),
        _limit("cgroup.memory", resources.memory_limit_in_bytes or None, seen.memory_limit),
        _limit("cgroup.cpu_shares", resources.cpu_shares or _DEFAULT_SHARES, seen.cpu_shares),
        _limit("cgroup.cpu_quota", _thousandths(request), seen.cpu_quota),
        _score(resources.oom_score_adj, first.oom_score_adj, own_score),
        _limits(first, runtime),
        _environment(dict(request.environment), first.environment),
    )


def compare_attacker(
    target: EffectiveSecurityContext, witness: EffectiveSecurityContext, **options: Any
) -> Iterator[Comparison]:
    """Compare the attacker's process with its container's, field by field: one line, one for each difference.

    What the attacker shows counts for the container only where both are the same.
    """
    compared = [one for one in compare(target, witness, **options) if one.equal is not None]
    other = [one for one in compared if not one.equal]
    origin = Origin("runtime", (), "asked for as its container was")
    for one in other:
        yield msgspec.structs.replace(one, field=f"attacker.{one.field}", origin=origin)
    same = f"the same in {len(compared) - len(other)} of {len(compared)} fields"
    yield Comparison(
        "attacker", f"the same in {len(compared)} of {len(compared)} fields", same, not other, "", origin
    )


def _one(
    field: str, predicted: Any, observed: Any, equal: bool, why: str, origin: Origin = _KUBELET
) -> Comparison:
    if isinstance(observed, Unknown):
        return Comparison(field, predicted, observed, None, f"not observed: {observed.reason}", origin)
    return Comparison(field, predicted, observed, equal, why, origin)


def _limit(field: str, predicted: int | None, observed: int | Unknown | None) -> Comparison:
    if field == "cgroup.memory" and predicted is not None and isinstance(observed, int):
        # the kernel keeps whole pages
        return _one(field, predicted, observed, 0 <= predicted - observed < 65536, "")
    return _one(field, predicted, observed, predicted == observed, "")


def _thousandths(request: ContainerRequest) -> int | None:
    resources = request.resources
    if resources.cpu_quota <= 0 or not resources.cpu_period:
        return None
    return resources.cpu_quota * 1000 // resources.cpu_period


def _mounts(request: ContainerRequest, mounted: Iterable[str], seen: Enforced) -> Comparison:
    """Compare the mounts that are not the runtime's own: none more, none less, each as it was asked for."""
    asked = {mount.container_path: mount for mount in request.mounts}
    wanted = {path: f"{path} {'ro' if mount.read_only else 'rw'}" for path, mount in asked.items()}
    # a volume that the kubelet did not hand on is missed all the same
    handed_on = {path.strip("/") for path in asked}
    wanted |= {path: path for path in mounted if path.strip("/") not in handed_on}
    predicted = tuple(sorted(wanted.values()))
    if isinstance(seen.mounts, Unknown):
        return _one("mounts", predicted, seen.mounts, False, "")
    wrong: list[str] = []
    there: set[str] = set()
    for mount in seen.mounts:
        request_of = asked.get(mount.asked)
        if request_of is None:
            wrong.append(f"{mount} was not asked for")
            continue
        there.add(mount.asked)
        if mount.same is False:
            wrong.append(f"{mount.path} is another file than was asked for")
        if request_of.read_only and not mount.read_only:
            wrong.append(f"{mount.path} is writable")
    wrong += [f"{path} is missing" for path in sorted(wanted) if path not in there]
    observed = tuple(sorted(map(str, seen.mounts)))
    return _one("mounts", predicted, observed, not wrong, "; ".join(wrong))


def _device_cgroup(request: ContainerRequest, seen: Enforced, runtime: str) -> Comparison:
    predicted = _EVERY_DEVICE if request.security.privileged else _DEVICES
    observed = seen.device_cgroup
    if isinstance(observed, Unknown):
        return _one("device_cgroup", predicted, observed, False, "", _RUNTIME)
    more, less = sorted(set(observed) - set(predicted)), sorted(set(predicted) - set(observed))
    of_runtime = [line for line in more if line in _DEVICES_OF_SOME and not request.security.privileged]
    wrong = [f"{line} is allowed" for line in more if line not in of_runtime]
    wrong += [f"{line} is not" for line in less]
    if wrong:
        return _one("device_cgroup", predicted, observed, False, "; ".join(wrong), _RUNTIME)
    why = f"{runtime}'s own: {', '.join(of_runtime)}" if of_runtime else ""
    return _one("device_cgroup", predicted, observed, True, why, _RUNTIME)


def _score(predicted: int, observed: int | Unknown, own: int | None) -> Comparison:
    """Compare the score for the OOM killer; a runtime without the right to lower it keeps its own."""
    if isinstance(observed, Unknown) or own is None or predicted >= own or observed == predicted:
        return _one("oom_score_adj", predicted, observed, predicted == observed, "")
    why = f"this machine's runtime cannot go below its own, {own}"
    return _one("oom_score_adj", predicted, observed, observed == own, why)


def _limits(seen: Enforced, runtime: str) -> Comparison:
    """Compare the hard limits with the parent's: containerd sets none of its own."""
    wanted, limits = seen.inherited, seen.limits
    if isinstance(limits, Unknown) or isinstance(wanted, Unknown):
        observed = limits if isinstance(limits, Unknown) else wanted
        return _one("limits", (), observed, False, "", _RUNTIME)
    if not runtime.startswith("containerd"):
        unknown = Unknown(f"the limits that {runtime} is configured with are not known here")
        return Comparison(
            "limits", unknown, _written(limits), None, f"not predicted: {unknown.reason}", _RUNTIME
        )
    other = [f"{name} is {limits.get(name)}" for name, value in wanted.items() if limits.get(name) != value]
    return _one("limits", _written(wanted), _written(limits), not other, "; ".join(other), _RUNTIME)


def _written(limits: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name.removeprefix('Max ')} {value}" for name, value in sorted(limits.items()))


def _environment(asked: Mapping[str, str], seen: Mapping[str, str] | Unknown) -> Comparison:
    """Compare the variables that were asked for, by name: values may be secrets, and are not shown.

    What else is there is the image's and the runtime's.
    """
    predicted = tuple(sorted(asked))
    if isinstance(seen, Unknown):
        return _one("environment", predicted, seen, False, "")
    missing = [name for name in predicted if name not in seen]
    other = [name for name in predicted if name in seen and seen[name] != asked[name]]
    wrong = [f"{name} is missing" for name in missing] + [f"{name} has another value" for name in other]
    observed = tuple(name for name in predicted if name in seen)
    return _one("environment", predicted, observed, not wrong, "; ".join(wrong))
