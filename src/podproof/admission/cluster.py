"""A cluster, as far as admission for pod security knows it, and its answer to a request.

Objects come in as plain mappings (Namespaces, ServiceAccounts, Pods, PodSecurityPolicies, RBAC, a
PodSecurityConfiguration); requests as those of an AdmissionReview; Decisions go out. A Cluster never changes:
`with_object` and `without` return the cluster after a change, and share with it what is unchanged.
"""

from collections.abc import Mapping
from typing import Any

from ..errors import ManifestError
from ..kube.go_json import SyntaxProblem, parse
from ..manifest.json_of import is_plain, json_of
from ..manifest.limits import DEFAULT as LIMITS
from .attributes import Clock, Moment
from .consistency import read_consistent
from .decision import Decision, bad_request
from .request import AdmissionRequest, RequestError
from .server import answer
from .service_account import DEFAULT
from .state import ClusterState

__all__ = ["Cluster", "answer_request"]


class Cluster(ClusterState, frozen=True, eq=False):
    """A cluster that answers requests; see `from_objects` for how it is made, and what of it exists."""

    def admit(
        self,
        request: Mapping[str, Any] | AdmissionRequest,
        *,
        service_account: str = DEFAULT,
        mutated: bool = False,
        clock: Clock | None = None,
        moment: Moment | None = None,
    ) -> Decision:
        """Answer the `request` of an AdmissionReview as the API server would, API validation included.

        The plugins are those of `chain.py`. `service_account` is the account of a new pod that names none.
        `mutated` says that the request is one that a webhook is sent: the ServiceAccount plugin has seen it
        and is not asked again, and a name that is to be generated is not. `clock` (seconds) bounds the look
        at a namespace's existing pods as the server's does; without one it is not bounded. `moment` says
        what time it is; without one no exemption has any effect, since it may have expired.

        A request that cannot be read, or whose object contradicts it, is refused with 400; so is what JSON
        cannot hold.

        >>> import podproof
        >>> labels = {"pod-security.kubernetes.io/enforce": "baseline"}
        >>> cluster = podproof.Cluster.from_objects(
        ...     [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}]
        ... )
        >>> containers = [{"name": "web", "image": "nginx"}]
        >>> request = {
        ...     "uid": "1",
        ...     "kind": {"group": "", "version": "v1", "kind": "Pod"},
        ...     "resource": {"group": "", "version": "v1", "resource": "pods"},
        ...     "operation": "CREATE",
        ...     "namespace": "shop",
        ...     "name": "web",
        ...     "object": {
        ...         "apiVersion": "v1",
        ...         "kind": "Pod",
        ...         "metadata": {"name": "web", "namespace": "shop"},
        ...         "spec": {"hostPID": True, "containers": containers},
        ...     },
        ... }
        >>> decision = cluster.admit(request)
        >>> decision.allowed, decision.code
        (False, 403)
        >>> print(decision.message.partition("PodSecurity ")[2])
        "baseline:latest": host namespaces (hostPID=true)
        """
        if isinstance(request, AdmissionRequest):
            return answer(
                self, request, service_account=service_account, mutated=mutated, clock=clock, moment=moment
            )
        raw = request
        if not is_plain(raw):
            try:
                raw = parse(json_of(raw, LIMITS.max_bytes))
            except (ManifestError, SyntaxProblem) as error:
                return bad_request(f"the request cannot be read: {error}")
        return answer_request(
            self, raw, service_account=service_account, mutated=mutated, clock=clock, moment=moment
        )


def answer_request(
    cluster: Cluster,
    request: Mapping[str, Any],
    *,
    service_account: str = DEFAULT,
    mutated: bool = False,
    clock: Clock | None = None,
    moment: Moment | None = None,
) -> Decision:
    """Answer a request that was read from JSON; the arguments are those of `Cluster.admit`."""
    try:
        read = read_consistent(request)
    except RequestError as error:
        return bad_request(str(error))
    return answer(cluster, read, service_account=service_account, mutated=mutated, clock=clock, moment=moment)
