"""The source that the command line names: a folder, a kubeconfig, or else the account of this pod.

What the options say comes in; a ClusterSource goes out, with what was read on the way. No API server is asked
here: a source does that once it is kept up.
"""

import msgspec

from ...admission.cluster import Cluster
from ...errors import UsageError
from ...kube.versions import parse_version
from ..admit.prepared_cluster import PreparedCluster, prepare
from ..config import ProjectConfiguration, choose_gates
from .cluster_source import ClusterSource, ExemptionNotices
from .folder_source import FolderSource

__all__ = ["notices_of", "open_source"]


def notices_of(source: ClusterSource) -> ExemptionNotices | None:
    """Return what tells of exemptions in the cluster of a source; None where there is no API server."""
    if isinstance(source, FolderSource):
        return None
    from .api_source import ApiSource
    from .exemption_events import ExemptionEvents

    return ExemptionEvents(source.client) if isinstance(source, ApiSource) else None


def open_source(
    *,
    folder: str | None,
    kubeconfig: str | None,
    max_staleness: float,
    config: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...] = (),
) -> tuple[ClusterSource, PreparedCluster]:
    """Open the one source; the second value says what of folder and configuration could not be read.

    An API server is asked for its version, unless one is given here.
    Raises UsageError: there is none, there are two, or one cannot be read; or the configuration, the version
    or a gate is wrong.
    """
    if folder is not None and kubeconfig is not None:
        raise UsageError("--cluster and --kubeconfig are both given, but there is one cluster; keep one")
    client = None
    if folder is None:
        from .api_client import ApiClient, find_access

        client = ApiClient(find_access(kubeconfig))
    prepared = prepare(
        cluster=folder,
        config=config,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        option="--config",
    )
    if client is None:
        return FolderSource(prepared.cluster), prepared
    from .api_source import ApiSource

    def at_version(version: str) -> Cluster:
        minor = parse_version(version)
        gates = choose_gates(ProjectConfiguration(), feature_gates, minor)
        return msgspec.structs.replace(prepared, minor=minor, changed_gates=gates.changed).cluster

    source = ApiSource(
        client,
        prepared.cluster,
        at_version=at_version if kubernetes_version is None else None,
        max_staleness=max_staleness,
    )
    return source, prepared
