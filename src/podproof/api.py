"""The public Python API: what the commands use, for programs.

Thin: it names functions of the deciding rooms, and changes nothing about them.
"""

from .admission.cluster import Cluster
from .kube.accept import accept
from .policies.pod_security import evaluate
from .session.explain import explain_pod as explain

__all__ = ["Cluster", "accept", "evaluate", "explain"]
