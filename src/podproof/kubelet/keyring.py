"""The pull secrets of a pod: a pod and its objects go in, the credentials for an image come out.

Source: kubernetes plugin/pkg/admission/serviceaccount/admission.go, pkg/kubelet/kubelet_pods.go,
getPullSecretsForPod.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from . import pull_secrets
from .cri import AuthConfig
from .objects import Objects, namespace_of

__all__ = ["credentials_for"]


def credentials_for(image: str, pod: Mapping[str, Any], objects: Objects) -> tuple[AuthConfig, ...]:
    """List what to try, the most specific first.

    A pod that names no secret has those of its ServiceAccount; a secret that is not there does not count.
    Raises PullSecretError: one of them cannot be read.
    """
    namespace = namespace_of(pod)
    secrets = [
        secret
        for name in _names(pod, namespace, objects)
        if (secret := objects.find("Secret", namespace, name)) is not None
    ]
    return tuple(
        AuthConfig(login.username, login.password) for login in pull_secrets.credentials_for(image, secrets)
    )


def _names(pod: Mapping[str, Any], namespace: str, objects: Objects) -> Iterable[str]:
    spec = pod.get("spec") or {}
    references = spec.get("imagePullSecrets")
    if not references:
        account = objects.find("ServiceAccount", namespace, spec.get("serviceAccountName") or "default")
        references = (account or {}).get("imagePullSecrets")
    return [str(reference.get("name") or "") for reference in references or ()]
