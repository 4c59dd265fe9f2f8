"""A cluster, as far as admission for pod security knows it, and its answer to a request.

Objects come in as plain mappings (Namespaces, Pods, PodSecurityPolicies, RBAC, a PodSecurityConfiguration);
requests as those of an AdmissionReview; Decisions go out. What cannot be read grants and allows nothing, and
is named in `problems`. A Cluster never changes: who wants the state after a request makes a new one.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from ..kube.rbac import Grants, grants_of
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY, parse_version
from ..policies.psp.policy import PodSecurityPolicy
from .answer import answer
from .configuration import Configuration
from .decision import Decision, bad_request
from .pod_security import POD_SECURITY_SINCE, Clock
from .request import RequestError, read_request

__all__ = ["Cluster"]

"""The last minor version of Kubernetes that has PodSecurityPolicy."""


class Cluster:
    """Cluster objects, indexed once; `admit` answers requests.

    `problems` say what could not be read, which counts as absent and stands in `unread` too, and what does
    nothing (`notes`); each begins with the object's kind and name.
    """

    def __init__(
        self,
        *,
        minor: int,
        namespaces: Mapping[str, Mapping[str, str]],
        pods: Mapping[str, list[Mapping[str, Any]]],
        policies: tuple[PodSecurityPolicy, ...],
        rbac: tuple[Mapping[str, Any], ...],
        configuration: Configuration,
        problems: tuple[str, ...] = (),
        unread: tuple[str, ...] = (),
    ) -> None:
        self.minor = minor
        self.namespaces = namespaces
        self.pods = pods
        self.policies = policies
        self.configuration = configuration
        self._rbac = rbac
        self.unread = unread
        self._problems = problems

    @classmethod
    def from_objects(
        cls, objects: Iterable[Mapping[str, Any]], *, kubernetes_version: str = "latest"
    ) -> "Cluster":
        """Make a cluster of objects as `kubectl get -o json` prints them; Lists are unrolled.

        The version decides which plugins exist: PodSecurityPolicy up to 1.24 (then a pod needs a policy),
        PodSecurity by labels from 1.23 on. Objects of other kinds are left aside.
        Raises UsageError: `kubernetes_version` is none, or a PodSecurityConfiguration is wrong.
        """
        from ._collect import collect

        minor = parse_version(kubernetes_version)
        found = collect(objects, minor)
        return cls(
            minor=minor,
            namespaces=found.namespaces,
            pods=found.pods,
            policies=tuple(found.policies),
            rbac=tuple(found.rbac),
            configuration=found.configuration,
            problems=tuple(found.problems),
            unread=tuple(found.unread),
        )

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read or grants nothing, in words."""
        return (*self._problems, *self.grants.problems)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was read and grants or admits nothing, in words."""
        return tuple(problem for problem in self.problems if problem not in self.unread)

    @cached_property
    def grants(self) -> Grants:
        """Who may use which PodSecurityPolicies."""
        return grants_of(
            self._rbac, verb="use", resource="podsecuritypolicies", api_groups=("policy", "extensions")
        )

    @property
    def has_policies(self) -> bool:
        """Whether this version of Kubernetes has the PodSecurityPolicy plugin."""
        return self.minor <= LAST_WITH_POD_SECURITY_POLICY

    @property
    def has_pod_security(self) -> bool:
        """Whether PodSecurity judges here; beside PodSecurityPolicy only if any namespace is known."""
        if self.minor < POD_SECURITY_SINCE:
            return False
        return self.minor > LAST_WITH_POD_SECURITY_POLICY or bool(self.namespaces)

    def admit(self, request: Mapping[str, Any], *, clock: Clock | None = None) -> Decision:
        """Answer the `request` of an AdmissionReview as the API server would, API validation included.

        The request is taken as it is: no service account is filled in. `clock` (seconds) bounds the look at a
        namespace's existing pods as the server's does; without one it is not bounded.
        """
        try:
            read = read_request(request)
        except RequestError as error:
            return bad_request(str(error))
        return answer(self, read, clock)
