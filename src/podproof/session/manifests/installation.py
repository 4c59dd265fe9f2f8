"""What is to be installed, and where: options come in, a value that makes sense as a whole goes out.

Nothing is written here.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from ...errors import UsageError
from ...kube.versions import parse_version
from ...policies.levels import Level

__all__ = ["ALWAYS_EXCLUDED", "Installation", "Mode", "installation"]

Mode = Literal["advisory", "enforcing"]

ALWAYS_EXCLUDED = "kube-system"
"""Without it no cluster can be mended, and who may write there has the cluster already."""
_SHARED = ("default", "kube-node-lease", "kube-public", "kube-system")
"""Namespaces that every cluster has, with other things in them."""
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
"""Source: RFC 1123 labels, apimachinery pkg/util/validation/validation.go."""
_CLASS = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_IMAGE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._:/-]*?(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?P<digest>@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
"""Source: distribution/reference regexp.go; what it takes beyond the grammar, no registry has."""


class Installation(msgspec.Struct, frozen=True):
    """What is installed.

    `enforced` are the only namespaces in which anything is denied, all that are not excluded when it is
    empty; nothing is denied in the mode `advisory`. `excluded` are never reviewed, the own namespace and
    kube-system among them. `api_servers` are the networks of the API servers, empty when they are not known.
    `priority_class` "" is none. `default_level` is that of namespaces without a label. `kubernetes_version`
    is the cluster's; None: the newest that the image knows.
    """

    image: str
    namespace: str
    mode: Mode
    default_level: Level
    kubernetes_version: str | None
    replicas: int
    enforced: tuple[str, ...]
    excluded: tuple[str, ...]
    api_servers: tuple[str, ...]
    metrics_namespace: str
    priority_class: str
    pod_security_policy: bool


def installation(
    *,
    image: str,
    namespace: str,
    mode: Mode,
    default_level: Level,
    kubernetes_version: str | None = None,
    replicas: int,
    enforce_namespaces: Iterable[str] = (),
    exclude_namespaces: Iterable[str] = (),
    api_server_cidrs: Iterable[str] = (),
    metrics_namespace: str,
    priority_class: str,
    pod_security_policy: bool,
) -> Installation:
    """Put the options together; each argument is the option of its name.

    Raises UsageError: a value cannot be what it is for, or two options contradict each other.
    """
    _check_image(image)
    _check_namespace("--namespace", namespace)
    if namespace in _SHARED:
        raise UsageError(f"--namespace: {namespace} has other things in it, which would not be reviewed")
    _check_namespace("--metrics-namespace", metrics_namespace)
    enforced = _namespaces("--enforce-namespace", enforce_namespaces)
    excluded = _namespaces("--exclude-namespace", exclude_namespaces)
    excluded = tuple(dict.fromkeys((ALWAYS_EXCLUDED, namespace, *excluded)))
    if enforced and mode == "advisory":
        raise UsageError("--enforce-namespace: nothing is denied in advisory mode, add --mode enforcing")
    for name in enforced:
        if name in excluded:
            raise UsageError(f"--enforce-namespace: {name} is never reviewed, leave it out")
    if priority_class and not _CLASS.fullmatch(priority_class):
        raise UsageError(f'--priority-class: "{priority_class}" cannot be the name of a PriorityClass')
    if kubernetes_version is not None:
        parse_version(kubernetes_version)
    return Installation(
        image=image,
        namespace=namespace,
        mode=mode,
        default_level=default_level,
        kubernetes_version=kubernetes_version,
        replicas=replicas,
        enforced=enforced,
        excluded=excluded,
        api_servers=tuple(dict.fromkeys(_network(text) for text in api_server_cidrs)),
        metrics_namespace=metrics_namespace,
        priority_class=priority_class,
        pod_security_policy=pod_security_policy,
    )


def _namespaces(option: str, names: Iterable[str]) -> tuple[str, ...]:
    unique = tuple(dict.fromkeys(names))
    for name in unique:
        _check_namespace(option, name)
    return unique


def _check_namespace(option: str, name: str) -> None:
    if not _LABEL.fullmatch(name):
        raise UsageError(f'{option}: "{name}" cannot be the name of a namespace')


def _check_image(image: str) -> None:
    match = _IMAGE.fullmatch(image)
    if match is None:
        raise UsageError(f'--image: "{image}" is not an image, write REGISTRY/NAME:TAG')
    if match["digest"] is None and match["tag"] in (None, "latest"):
        raise UsageError(
            f"--image: {image} names no version, write {image.removesuffix(':latest')}:TAG or @sha256:DIGEST"
        )


def _network(text: str) -> str:
    """Write a network, or a single address, as a NetworkPolicy has it. Raises UsageError: it is neither."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise UsageError(f"--api-server-cidr: {error}") from error
