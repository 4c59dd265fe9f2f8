"""The objects of an installation, as text for `kubectl apply -f -`.

An Installation comes in, YAML documents go out, always in the same order and the same form. Their texts stand
beside this module with placeholders; what is filled in is checked or quoted, so that nothing in it is YAML.
"""

import hashlib
from importlib.resources import files
from string import Template

from ..crds.definitions import definition_texts
from .installation import Installation
from .scalars import scalar
from .webhooks import mutating, validating

__all__ = ["objects"]

_ALWAYS = (
    "serviceaccount",
    "clusterrole",
    "clusterrolebinding",
    "role",
    "rolebinding",
    "role_events",
    "rolebinding_events",
    "secret",
    "lease",
    "configmap",
    "networkpolicy",
    "poddisruptionbudget",
    "service",
    "deployment",
)


def objects(wanted: Installation) -> list[str]:
    """Write the documents in the order in which they are created: what reviews anything comes last."""
    quota = ("resourcequota",) if wanted.priority_class.startswith("system-") else ()
    values = _values(wanted)
    documents = [_text("namespace").substitute(values), *definition_texts()]
    documents += [_text(name).substitute(values) for name in (*quota, *_ALWAYS)]
    documents.append(validating(wanted, _text))
    if wanted.mode == "enforcing" and wanted.pod_security_policy:
        documents.append(mutating(wanted, _text))
    return documents


def _text(name: str) -> Template:
    return Template((files(__package__) / "objects" / f"{name}.yaml").read_text("utf-8"))


def _values(wanted: Installation) -> dict[str, str]:
    blocks = "".join(f"    - ipBlock:\n        cidr: {scalar(one)}\n" for one in wanted.api_servers)
    priority = f"      priorityClassName: {scalar(wanted.priority_class)}\n" if wanted.priority_class else ""
    policies = _text("clusterrole_policies").template if wanted.pod_security_policy else ""
    version = wanted.kubernetes_version
    values = {
        "policies": policies,
        "policies_enabled": "true" if wanted.pod_security_policy else "false",
        "namespace": scalar(wanted.namespace),
        "image": scalar(wanted.image),
        "replicas": str(wanted.replicas),
        "most_pods": str(2 * wanted.replicas + 2),
        "priority_class": scalar(wanted.priority_class),
        "priority": priority,
        "metrics_namespace": scalar(wanted.metrics_namespace),
        "from_api_servers": f"    from:\n{blocks}" if blocks else "",
        "to_api_servers": f"    to:\n{blocks}".rstrip("\n") if blocks else "",
        "default_level": wanted.default_level,
        "version": f"        - {scalar(f'--kubernetes-version={version}')}\n" if version else "",
    }
    configuration = _text("configmap").substitute(values).encode()
    return {**values, "checksum": scalar(hashlib.sha256(configuration).hexdigest()[:16])}
