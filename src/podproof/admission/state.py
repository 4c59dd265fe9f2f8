"""What admission knows of a cluster: its objects, indexed by what plugins ask for.

Objects come in as plain mappings (Namespaces, ServiceAccounts, Pods, PodSecurityPolicies, exemptions, RBAC, a
configuration), one at a time; a state goes out that shares everything unchanged with the one it
was made of. What cannot be read grants and allows nothing, and is named in `problems`. Nothing is decided
here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import msgspec

from ..kube.feature_gates import FeatureGates, read_feature_gates
from ..kube.own_kinds import EXEMPTION
from ..kube.own_kinds import POLICY as OWN_POLICY
from ..kube.rbac import KINDS as RBAC_KINDS
from ..kube.rbac import Grants
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY, parse_version
from ..policies.psp.policy import PodSecurityPolicy, read_policy
from .cluster_object import Key, KnownObject, object_key, shape_fault, unrolled
from .configuration import ConfigurationError, PodSecurityConfiguration
from .exemption_index import ExemptionIndex
from .persistent_map import PersistentMap
from .policy_index import PolicyIndex
from .rbac_index import RbacIndex
from .resources.exemptions import accept_exemption, read_exemption
from .resources.policies import accept_own_policy, accept_policy
from .settings import AdmissionSettings, are_settings, read_settings

__all__ = ["POD_SECURITY_SINCE", "ClusterState"]

POD_SECURITY_SINCE = 23
"""The first minor version whose PodSecurity plugin is on by default."""

_DEFAULTS = AdmissionSettings()


class _ObjectFault(msgspec.Struct, frozen=True):
    """What is wrong with an object of the cluster, and whether it therefore counts as not read."""

    turn: int
    text: str
    unread: bool


class ClusterState(msgspec.Struct, frozen=True, eq=False):
    """Objects of a cluster of Kubernetes 1.`minor`; it never changes, and changed copies are cheap.

    `changed_gates` are the feature gates that the cluster was told to set.
    `namespaces` maps the name of each Namespace to its labels, `pods` that of a namespace to its pods by
    their names; `own_settings` are those among the objects. `assumed_labels` are the labels of every
    namespace that is not among the objects; None: such a namespace does not exist (`labels_of` says of the
    exception).
    `assumes_accounts` says that service accounts exist beside those among the objects, `incomplete` that
    objects are missing which could not be read.
    """

    minor: int
    changed_gates: tuple[tuple[str, bool], ...] = ()
    namespaces: PersistentMap[str, Mapping[str, str]] = PersistentMap()
    pods: PersistentMap[str, PersistentMap[str, Mapping[str, Any]]] = PersistentMap()
    own_settings: AdmissionSettings | None = None
    exemptions: ExemptionIndex = ExemptionIndex()
    assumed_labels: Mapping[str, str] | None = None
    assumes_accounts: bool = False
    incomplete: bool = False
    _objects: PersistentMap[Key, KnownObject] = PersistentMap()
    _kinds: PersistentMap[str, int] = PersistentMap()
    _rbac: RbacIndex = RbacIndex()
    _policies: PolicyIndex = PolicyIndex()
    _own_policies: PolicyIndex = PolicyIndex()
    _problems: PersistentMap[Key, _ObjectFault] = PersistentMap()
    _misshapen: PersistentMap[Key, bool] = PersistentMap()
    _gone: PersistentMap[str, bool] = PersistentMap()
    """Namespaces that do not exist although others are assumed to."""
    _turn: int = 0

    @property
    def gates(self) -> FeatureGates:
        """The cluster's feature gates."""
        return FeatureGates(self.minor, self.changed_gates)

    @classmethod
    def from_objects(
        cls,
        objects: Iterable[Mapping[str, Any]],
        *,
        kubernetes_version: str = "latest",
        feature_gates: Mapping[str, bool] | None = None,
        assumed_labels: Mapping[str, str] | None = None,
        incomplete: bool = False,
    ) -> Self:
        """Make a cluster of objects as `kubectl get -o json` prints them; Lists are unrolled.

        The version decides which plugins exist: PodSecurityPolicy up to 1.24 (then a pod needs a policy),
        PodSecurity by labels from 1.23 on. Of two objects with one kind, namespace and name the later counts,
        as with `kubectl apply`. Of Nodes it is asked what they declare;
        objects of other kinds decide nothing.

        Namespaces: one that is not among the objects does not exist, unless `assumed_labels` say which labels
        every such namespace has. Up to 1.24, where namespaces' labels need not mean anything, every namespace
        exists, without labels, as long as no object is a Namespace and all could be read. ServiceAccounts: an
        account that is not among the objects does not exist, unless none is and all could be read; `default`
        always exists. `incomplete` says that objects are missing which could not be read, so that nothing is
        taken to exist for want of them.
        `feature_gates` maps gates that the cluster was told to set to their values.
        Raises UsageError: `kubernetes_version` is none, or does not let a gate be set so, or a
        PodSecurityConfiguration is wrong, or there are two.
        """
        minor = parse_version(kubernetes_version)
        gates = read_feature_gates(feature_gates or {}, minor, where="feature_gates")
        state = cls(minor, gates.changed, assumed_labels=assumed_labels, incomplete=incomplete)
        for object_ in objects:
            state = state.with_object(object_)
        return state

    def with_object(self, object_: Mapping[str, Any]) -> Self:
        """Return the cluster with an object, in place of the one with its kind, namespace and name.

        The objects of a List are added one by one. Raises UsageError: a PodSecurityConfiguration is wrong, or
        there is one already.
        """
        state = self
        for one in unrolled((object_,)):
            state = state._with_one(one)
        return state

    def without(self, kind: str, name: str, namespace: str = "") -> Self:
        """Return the cluster without an object; where there is none, the cluster as it is.

        `namespace` "" is that of objects that have none, and `default` for others. A namespace that would be
        assumed to exist does not exist any more.
        """
        key = object_key({"kind": kind, "metadata": {"name": name, "namespace": namespace}})
        state = self._without_one(key)
        if kind == "Namespace" and self.assumed_labels is not None:
            return msgspec.structs.replace(state, _gone=state._gone.set(name, True))
        return state

    def find(self, kind: str, namespace: str, name: str) -> Mapping[str, Any] | None:
        """Return an object of any kind as it was given, readable or not; None: there is none."""
        known = self._objects.get((kind, namespace, name))
        return None if known is None else known.object

    def has(self, kind: str) -> bool:
        """Say whether there is any object of a kind."""
        return kind in self._kinds

    def labels_of(self, namespace: str) -> Mapping[str, str] | None:
        """Return the labels of a namespace; None: it does not exist.

        Of a namespace that is not among the objects, they are those assumed; up to 1.24 without any
        Namespace, none.
        """
        labels = self.namespaces.get(namespace)
        if labels is not None:
            return labels
        if self.assumed_labels is not None:
            return None if namespace in self._gone else self.assumed_labels
        knows = self.minor > LAST_WITH_POD_SECURITY_POLICY or self.has("Namespace") or self.lacks_objects
        return None if knows else {}

    def pods_in(self, namespace: str) -> list[Mapping[str, Any]]:
        """Return the pods of a namespace, sorted by name."""
        pods = self.pods.get(namespace)
        return [] if pods is None else [pods[name] for name in sorted(pods)]

    @property
    def lacks_objects(self) -> bool:
        """Whether objects could not be read, so that nothing is taken to exist for want of them."""
        return self.incomplete or len(self._misshapen) > 0

    @property
    def namespaces_in_turn(self) -> list[tuple[str, Mapping[str, str]]]:
        """Names and labels of the Namespaces, in the order in which they came."""
        by_turn = sorted(self.namespaces, key=lambda name: self._objects["Namespace", "", name].turn)
        return [(name, self.namespaces[name]) for name in by_turn]

    @property
    def configuration(self) -> PodSecurityConfiguration:
        """The configuration of PodSecurity: that among the objects, else the server's defaults."""
        return self.settings.pod_security

    @property
    def settings(self) -> AdmissionSettings:
        """The settings of all plugins: those among the objects, else the defaults."""
        return self.own_settings or _DEFAULTS

    @property
    def policies(self) -> tuple[PodSecurityPolicy, ...]:
        """The API server's PodSecurityPolicies, sorted by name; none where its version has no such plugin."""
        return self._policies.in_order

    def own_policies(self, mode: str) -> tuple[PodSecurityPolicy, ...]:
        """Return the PodSecurityPolicies of Podproof's own kind that have a mode, sorted by name."""
        return self._own_policies.with_mode(mode)

    @property
    def grants(self) -> Grants:
        """Who may use which of the API server's PodSecurityPolicies."""
        return self._rbac.grants_in(("policy", "extensions"))

    @property
    def own_grants(self) -> Grants:
        """Who may use which PodSecurityPolicies of Podproof's own kind; nobody where none are in force."""
        in_force = self.settings.policies
        return self._rbac.grants_in(in_force.grant_groups if in_force is not None else ())

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong with the objects; each line begins with the object's kind and name.

        It is what could not be read and counts as absent (`unread`), and what has no effect (`notes`).
        """
        problems = [problem.text for problem in self._problems_in_turn()]
        for kind, in_force in (
            (OWN_POLICY, self.settings.policies is not None),
            (EXEMPTION, self.settings.exemptions),
        ):
            number = self._kinds.get(kind, 0)
            if number and not in_force:
                one = f"{number} {kind} does" if number == 1 else f"{number} objects of {kind} do"
                problems.append(f"{one} nothing: no configuration enables {kind.partition('.')[0]}")
        grants = [] if self.settings.policies is None else self.own_grants.problems
        return (*problems, *dict.fromkeys((*self.grants.problems, *grants)))

    @property
    def unread(self) -> tuple[str, ...]:
        """What could not be read, in words."""
        return tuple(problem.text for problem in self._problems_in_turn() if problem.unread)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was read and grants or admits nothing, in words."""
        unread = set(self.unread)
        return tuple(problem for problem in self.problems if problem not in unread)

    @property
    def malformed_exemptions(self) -> tuple[str, ...]:
        """Why exemptions cannot be read, in words; those exempt nothing."""
        return tuple(fault.text for (kind, _, _), fault in self._problems.items() if kind == EXEMPTION)

    @property
    def has_policies(self) -> bool:
        """Whether this version of Kubernetes has the PodSecurityPolicy plugin."""
        return self.minor <= LAST_WITH_POD_SECURITY_POLICY

    @property
    def judges_by_policies(self) -> bool:
        """Whether PodSecurityPolicies are in force, the API server's or Podproof's own."""
        return self.has_policies or self.settings.policies is not None

    @property
    def has_pod_security(self) -> bool:
        """Whether this version of Kubernetes has the PodSecurity plugin."""
        return self.minor >= POD_SECURITY_SINCE

    def _problems_in_turn(self) -> list[_ObjectFault]:
        return sorted(self._problems.values(), key=lambda problem: problem.turn)

    def _with_one(self, object_: Any) -> Self:
        if isinstance(object_, Mapping) and are_settings(object_):
            if self.own_settings is not None:
                raise ConfigurationError("there are two configurations of PodSecurity; keep one")
            return msgspec.structs.replace(self, own_settings=read_settings(object_))
        kind, namespace, name = object_key(object_) if isinstance(object_, Mapping) else ("", "", "")
        # what has no name replaces nothing
        key = (kind, namespace, name or f"\0{self._turn}")
        replaced = self._objects.get(key)
        turn = self._turn if replaced is None else replaced.turn
        state = self if replaced is None else self._without_one(key)
        fault = shape_fault(object_)
        state = msgspec.structs.replace(
            state,
            _objects=state._objects.set(key, KnownObject(turn, object_)),
            _kinds=state._kinds.set(kind, state._kinds.get(kind, 0) + 1),
            _misshapen=state._misshapen.set(key, True) if fault else state._misshapen,
            _turn=self._turn + 1,
        )
        if fault:
            absent = f"{fault}: it counts as absent" if isinstance(object_, Mapping) else fault
            return state._with_problem(key, absent, unread=True)
        return state._indexed(key, object_)

    def _indexed(self, key: Key, object_: Mapping[str, Any]) -> Self:
        """Put a readable object where plugins find it."""
        kind, namespace, name = key
        if kind == "Namespace":
            labels = object_["metadata"].get("labels") or {}
            read = {str(label): value or "" for label, value in labels.items()}
            return msgspec.structs.replace(self, namespaces=self.namespaces.set(name, read))
        if kind == "Pod":
            pods = self.pods.get(namespace, PersistentMap()).set(name, object_)
            return msgspec.structs.replace(self, pods=self.pods.set(namespace, pods))
        if kind == "PodSecurityPolicy":
            return self._with_policy(key, object_)
        if kind == OWN_POLICY:
            return self._with_own_policy(key, object_)
        if kind == EXEMPTION:
            return self._with_exemption(key, object_)
        if kind in RBAC_KINDS:
            rbac = self._rbac.with_object(key, self._objects[key])
            return msgspec.structs.replace(self, _rbac=rbac)
        return self

    def _with_policy(self, key: Key, object_: Mapping[str, Any]) -> Self:
        label = f"PodSecurityPolicy {key[2]!r}"
        if not self.has_policies:
            text = f"{label} does nothing: Kubernetes 1.{self.minor} has no PodSecurityPolicy"
            return self._with_problem(key, text, unread=False)
        accepted = accept_policy(object_, self.minor)
        if accepted.object is None:
            return self._with_problem(key, f"{label} counts as absent: {accepted.message}", unread=True)
        policy = read_policy(accepted.object)
        policies = self._policies.with_policy(key[2], policy)
        return msgspec.structs.replace(self, _policies=policies)._told_if_broken(key, policy)

    def _with_own_policy(self, key: Key, object_: Mapping[str, Any]) -> Self:
        accepted = accept_own_policy(object_)
        if accepted.object is None:
            text = f"{key[0]} {key[2]!r} counts as absent: {accepted.message}"
            return self._with_problem(key, text, unread=True)
        policy = read_policy(accepted.object)
        policies = self._own_policies.with_policy(key[2], policy)
        return msgspec.structs.replace(self, _own_policies=policies)._told_if_broken(key, policy)

    def _told_if_broken(self, key: Key, policy: PodSecurityPolicy) -> Self:
        if not policy.broken:
            return self
        text = f"{key[0]} {key[2]!r} admits nothing: {'; '.join(policy.broken)}"
        return self._with_problem(key, text, unread=False)

    def _with_exemption(self, key: Key, object_: Mapping[str, Any]) -> Self:
        accepted = accept_exemption(object_)
        if accepted.object is None:
            text = f"{key[0]} {key[2]!r} exempts nothing: {accepted.message}"
            return self._with_problem(key, text, unread=False)
        exemptions = self.exemptions.with_exemption(read_exemption(accepted.object))
        return msgspec.structs.replace(self, exemptions=exemptions)

    def _with_problem(self, key: Key, text: str, *, unread: bool) -> Self:
        problem = _ObjectFault(self._objects[key].turn, text, unread)
        return msgspec.structs.replace(self, _problems=self._problems.set(key, problem))

    def _without_one(self, key: Key) -> Self:
        if key not in self._objects:
            return self
        kind, namespace, name = key
        number = self._kinds[kind] - 1
        state = msgspec.structs.replace(
            self,
            _objects=self._objects.remove(key),
            _kinds=self._kinds.set(kind, number) if number else self._kinds.remove(kind),
            _problems=self._problems.remove(key),
            _misshapen=self._misshapen.remove(key),
        )
        if kind == "Namespace":
            return msgspec.structs.replace(state, namespaces=state.namespaces.remove(name))
        if kind == "Pod":
            pods = state.pods.get(namespace, PersistentMap()).remove(name)
            remaining = state.pods.set(namespace, pods) if pods else state.pods.remove(namespace)
            return msgspec.structs.replace(state, pods=remaining)
        if kind == "PodSecurityPolicy":
            return msgspec.structs.replace(state, _policies=state._policies.without(name))
        if kind == OWN_POLICY:
            return msgspec.structs.replace(state, _own_policies=state._own_policies.without(name))
        if kind == EXEMPTION:
            return msgspec.structs.replace(state, exemptions=state.exemptions.without(name))
        if kind in RBAC_KINDS:
            return msgspec.structs.replace(state, _rbac=state._rbac.without(key))
        return state
