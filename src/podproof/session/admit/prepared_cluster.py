"""The cluster that `admit` asks: what the command line says comes in, a Cluster goes out.

Folder and configuration are read here, and the version is worked out. Nothing is judged.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import msgspec

from ...admission.cluster import Cluster
from ...admission.cluster_object import Key
from ...admission.labels import MODES, PREFIX
from ...admission.settings import are_settings
from ...errors import UsageError
from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY
from ..config import ProjectConfiguration, choose_gates, choose_version
from .cluster_folder import ClusterObjects, read_cluster

__all__ = ["PreparedCluster", "parse_account", "parse_labels", "prepare", "read_configuration_file"]

_NOTHING_SAID = ProjectConfiguration()
_CONFIG = "--admission-control-config-file"


class PreparedCluster(msgspec.Struct, frozen=True, dict=True):
    """What the command line says of a cluster, read.

    `objects` None means that there is no folder. `assumed_version` says which version was assumed and why, ""
    when none was. `changed_gates` are the feature gates that the cluster was told to set.
    """

    objects: ClusterObjects | None
    folder: str
    minor: int
    configuration: Mapping[str, Any] | None
    assumed_version: str = ""
    changed_gates: tuple[tuple[str, bool], ...] = ()

    @cached_property
    def cluster(self) -> Cluster:
        """The cluster that the objects and the configuration make, made when first asked for.

        Raises UsageError: the configuration is wrong, or there are two.
        """
        objects = self.folder_objects
        return Cluster.from_objects(
            objects if self.configuration is None else [*objects, self.configuration],
            kubernetes_version=f"v1.{self.minor}",
            feature_gates=dict(self.changed_gates),
            incomplete=bool(self.problems),
        )

    @property
    def folder_objects(self) -> list[Mapping[str, Any]]:
        """The objects of the folder; none without one."""
        return [] if self.objects is None else [placed.object for placed in self.objects.by_key.values()]

    @cached_property
    def places(self) -> Mapping[Key, str]:
        """Where each object of the folder stands, as `file:line`."""
        by_key = {} if self.objects is None else self.objects.by_key
        return {key: placed.at for key, placed in by_key.items()}

    @property
    def problems(self) -> tuple[str, ...]:
        """What of the folder could not be read, each with its place."""
        return () if self.objects is None else self.objects.problems


def prepare(
    *,
    cluster: str | None,
    config: str | None,
    kubernetes_version: str | None,
    feature_gates: Iterable[str] = (),
    project: ProjectConfiguration = _NOTHING_SAID,
    option: str = _CONFIG,
) -> PreparedCluster:
    """Read what the command line names, and take what it does not say from the project's configuration.

    `option` is the one that names `config`.

    Raises UsageError: the folder is not a folder, or the configuration, the version or a gate is wrong.
    """
    objects = None if cluster is None else read_cluster(cluster)
    configuration = None if config is None else read_configuration_file(config, option)
    assumed = ""
    said = kubernetes_version or project.kubernetes_version
    if said is None and objects is not None and objects.has("PodSecurityPolicy"):
        kubernetes_version = f"v1.{LAST_WITH_POD_SECURITY_POLICY}"
        assumed = (
            f"note: {cluster} holds PodSecurityPolicies: Kubernetes {kubernetes_version}, the last version "
            "that has them, is assumed; choose with --kubernetes-version"
        )
    minor = choose_version(project, kubernetes_version)
    gates = choose_gates(project, feature_gates, minor)
    return PreparedCluster(objects, cluster or "", minor, configuration, assumed, gates.changed)


def read_configuration_file(path: str, option: str = _CONFIG) -> Mapping[str, Any]:
    """Read a file with one PodSecurityConfiguration, AdmissionConfiguration or PodproofConfiguration.

    Raises UsageError: it cannot be read, is not one document, sets a key twice, or is something else.
    """
    from ...inputs.files import OF_OPTIONS, load
    from ...inputs.input import UnreadableInput
    from ...manifest.document import Document, EmptyDocument, UnreadableDocument
    from ...manifest.reader import read

    source = load(path, OF_OPTIONS)
    if isinstance(source, UnreadableInput):
        raise UsageError(f"{option} {path}: {source.message}")
    documents = [result for result in read(path, source.data) if not isinstance(result, EmptyDocument)]
    for result in documents:
        if isinstance(result, UnreadableDocument):
            raise UsageError(f"{path}:{result.line}:{result.column}: {result.message}")
    if len(documents) != 1 or not isinstance(documents[0], Document):
        raise UsageError(f"{path}:1: the configuration must be one YAML document, there are {len(documents)}")
    document = documents[0]
    for route in document.duplicates:
        place = document.place(route, key=True)
        raise UsageError(f"{path}:{place.line}:{place.column}: {route[-1]} is set twice, keep one of them")
    value = document.value
    if not isinstance(value, Mapping) or not are_settings(value):
        kind = value.get("kind") if isinstance(value, Mapping) else None
        raise UsageError(
            f"{path}:{document.line}: the configuration must be a PodSecurityConfiguration, an "
            f"AdmissionConfiguration or a PodproofConfiguration, is {kind or 'none of them'}"
        )
    from ...admission.configuration import ConfigurationError
    from ...admission.settings import SettingsError, read_settings

    try:
        read_settings(value)
    except SettingsError as error:
        place = document.place(error.route, key=True)
        raise UsageError(f"{path}:{place.line}:{place.column}: {error}") from error
    except ConfigurationError as error:
        raise UsageError(f"{path}:{document.line}: {error}") from error
    return value


def parse_labels(text: str) -> dict[str, str]:
    """Read `k=v,k=v`.

    Raises UsageError: a part has no `=`, a key is set twice, or a mode lacks its prefix.
    """
    labels: dict[str, str] = {}
    for part in text.split(","):
        if not part.strip():
            continue
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key:
            raise UsageError(f'--namespace-labels: "{part}" is not a label, write KEY=VALUE')
        if key.removesuffix("-version") in MODES:
            raise UsageError(f"--namespace-labels: {part} does nothing, write {PREFIX}{part.strip()}")
        if key in labels:
            raise UsageError(f"--namespace-labels: {key} is set twice, keep one of them")
        labels[key] = value
    return labels


def parse_account(text: str) -> tuple[str, str]:
    """Read `NS:NAME` or `NAME`; the namespace is "" where it is not named.

    Raises UsageError: it is neither.
    """
    namespace, colon, name = text.rpartition(":")
    if not name or ":" in namespace or (colon and not namespace):
        raise UsageError(f'--service-account: "{text}" is not a service account, write NAME or NS:NAME')
    return namespace, name
