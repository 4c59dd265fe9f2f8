"""Feature gates of one version of Kubernetes: which are on, by default and by what a cluster was told.

Names come from the generated tables; `A=true,B=false` of a command line comes in, FeatureGates go out. What a
gate does is not known here: `gated_fields` and the validation ask.
Source: k8s.io/component-base featuregate.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from ..errors import UsageError
from .tables.gates import GATES, GONE
from .versions import Minor

__all__ = [
    "FeatureGates",
    "GateState",
    "lenient",
    "parse_feature_gates",
    "read_feature_gates",
    "since_default",
]

_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")
"""Source: Go's strconv.ParseBool."""

_ALL = {"AllAlpha": "Alpha", "AllBeta": "Beta"}
"""Gates that stand for all of a stage which are not named themselves."""

_DEPENDENCIES_SINCE = 35
"""The first version whose server looks at what gates need of each other when it starts."""
_NEEDS = {
    "ImageVolumeWithDigest": "ImageVolume",
    "InPlacePodLevelResourcesVerticalScaling": "PodLevelResources",
    "MatchLabelKeysInPodTopologySpreadSelectorMerge": "MatchLabelKeysInPodTopologySpread",
    "PodLevelResourcesFixDefaulting": "PodLevelResources",
    "ProcMountType": "UserNamespacesSupport",
    "ResourceHealthStatusMessage": "ResourceHealthStatus",
    "RestartAllContainersOnContainerExits": "ContainerRestartRules",
    "UserNamespacesHostNetworkSupport": "UserNamespacesSupport",
}
"""Gates that bear on pods, and the gate that each needs, as far as that one can be turned off.

Source: kubernetes 1.35.4 to 1.37.2 pkg/features/kube_features.go, defaultKubernetesFeatureGateDependencies.
"""

_RENAMED = {"UserNamespacesStatelessPodsSupport": "UserNamespacesSupport"}

_History = tuple[tuple[int, bool, str, bool], ...]


class GateState(msgspec.Struct, frozen=True):
    """What a version says of a gate: whether it is on by default, its stage, whether it can be changed."""

    default: bool
    stage: str
    locked: bool


class FeatureGates(msgspec.Struct, frozen=True, cache_hash=True):
    """The gates of Kubernetes 1.`minor`; `changed` are those that are told to be on or off."""

    minor: Minor
    changed: tuple[tuple[str, bool], ...] = ()

    def has(self, gate: str) -> bool:
        """Tell whether this version knows a gate that bears on pods."""
        return _is_known(self.minor, gate)

    def enabled(self, gate: str) -> bool:
        """Tell whether a gate that bears on pods is on; a gate that is gone stays as it was last."""
        return _enabled(self, gate)


@lru_cache(maxsize=4096)
def _is_known(minor: Minor, gate: str) -> bool:
    return gate in GATES and _state(GATES[gate], GONE.get(gate), minor) is not None


@lru_cache(maxsize=4096)
def _enabled(gates: FeatureGates, gate: str) -> bool:
    history = GATES[gate]
    state = _state(history, GONE.get(gate), gates.minor)
    if state is None:
        return gates.minor >= history[0][0] and history[-1][1]
    told = dict(gates.changed)
    if gate in told:
        return told[gate]
    for name, stage in _ALL.items():
        if state.stage == stage and name in told and not state.locked:
            return told[name]
    return state.default


_LIFT_RULES = (
    "EnvFiles", "MatchLabelKeysInPodTopologySpread", "MatchLabelKeysInPodTopologySpreadSelectorMerge",
    "PodCertificateMLDSA", "PodHostIPs", "PodLifecycleSleepActionAllowZero", "RelaxedDNSSearchValidation",
    "RelaxedEnvironmentVariableValidation", "RestartAllContainersOnContainerExits", "SELinuxMount",
    "SecurityProfileOCI", "TaintTolerationComparisonOperators", "UserNamespacesHostNetworkSupport",
)  # fmt: skip
"""Gates that make the server allow what it refuses while they are off.

Source: kubernetes pkg/api/pod/util.go, GetValidationOptionsFromPodSpecAndMeta.
"""


def lenient(gates: FeatureGates) -> FeatureGates:
    """Give the gates by which the server judges what is stored already and may have been allowed once."""
    told = dict(gates.changed) | {name: True for name in _LIFT_RULES if gates.has(name)}
    told |= {name: False for name in ("PodDeletionCost", "StrictIPCIDRValidation") if gates.has(name)}
    return FeatureGates(gates.minor, tuple(sorted(told.items())))


def _state(history: _History, gone: int | None, minor: Minor) -> GateState | None:
    """Say what a gate is in 1.`minor`; None where it does not exist."""
    if gone is not None and minor >= gone:
        return None
    for since, default, stage, locked in reversed(history):
        if since <= minor:
            return GateState(default, stage, locked)
    return None


def since_default(gate: str) -> Minor | None:
    """Give the first version in which a gate is on by default, for good; None when there is none yet.

    Of a gate that was renamed, it is the version in which the new one is.
    """
    since = None
    for minor, default, _, _ in GATES[_RENAMED.get(gate, gate)]:
        since = (minor if since is None else since) if default else None
    return since


def parse_feature_gates(
    texts: Iterable[str], minor: Minor, *, where: str = "--feature-gates"
) -> FeatureGates:
    """Read `A=true,B=false`, as often as it is given; `where` opens every message.

    Raises UsageError: a part is not NAME=BOOL, or a gate cannot be set so at this version.
    """
    told: dict[str, bool] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        if not part:
            continue
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{where}: missing bool value for {name}, write {name}=true or {name}=false")
        if value.strip() not in _TRUE + _FALSE:
            raise UsageError(f"{where}: invalid value of {name}={value}, write true or false")
        told[name.strip()] = value.strip() in _TRUE
    return read_feature_gates(told, minor, where=where)


def read_feature_gates(
    told: Mapping[str, bool], minor: Minor, *, where: str = "--feature-gates"
) -> FeatureGates:
    """Take what gates are told to be, as a server of 1.`minor` does when it starts.

    Raises UsageError: it is not a mapping to booleans, no gate has that name (the nearest are named), this
    version does not have it, or it is locked to the other value; in the server's words where it has such.
    """
    if not isinstance(told, Mapping):
        raise UsageError(f"{where}: must map gates to true or false, has {told!r}")
    for name, value in told.items():
        if not isinstance(value, bool):
            raise UsageError(f"{where}: {name} must be true or false, has {value!r}")
        if name in _ALL:
            continue
        history, gone = _history(name, where)
        state = _state(history, gone, minor)
        if state is None:
            raise UsageError(f"{where}: unrecognized feature gate: {name}; {_lifetime(history, gone, minor)}")
        if state.locked and state.default != value:
            raise UsageError(
                f"{where}: cannot set feature gate {name} to {_word(value)}, "
                f"feature is locked to {_word(state.default)} (v1.{minor})"
            )
    gates = FeatureGates(minor, tuple(sorted(told.items())))
    _verify_dependencies(gates, where)
    return gates


def _history(name: str, where: str) -> tuple[_History, int | None]:
    if name in GATES:
        return GATES[name], GONE.get(name)
    from .tables import other_gates  # large, and only for who names a gate that does not bear on pods

    if name in other_gates.GATES:
        return other_gates.GATES[name], other_gates.GONE.get(name)
    from difflib import get_close_matches

    near = get_close_matches(name, [*GATES, *other_gates.GATES], 2)
    remedy = f"; did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"{where}: unrecognized feature gate: {name}{remedy}")


def _lifetime(history: _History, gone: int | None, minor: Minor) -> str:
    if gone is not None and minor >= gone:
        return f"v1.{minor} does not have it any more, v1.{gone - 1} was the last version that did"
    return f"v1.{minor} does not have it yet, v1.{history[0][0]} is the first version that does"


def _verify_dependencies(gates: FeatureGates, where: str) -> None:
    if gates.minor < _DEPENDENCIES_SINCE:
        return
    for gate, needed in _NEEDS.items():
        if gates.has(gate) and gates.enabled(gate) and not gates.enabled(needed):
            raise UsageError(
                f"{where}: {gate} is enabled, but depends on features that are disabled: [{needed}]"
            )


def _word(value: bool) -> str:
    return str(value).lower()
