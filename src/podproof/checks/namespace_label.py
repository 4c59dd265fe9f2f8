"""A label of a namespace that begins with `pod-security.kubernetes.io/` and does not do what it seems to.

Labels decide what Pod Security enforces in a namespace, and a label that is misspelt decides nothing, so that
pods are let in which nobody meant to let in. A version that is newer than every known one is judged as the
newest; what the API server refuses, such as an unknown level, is an error in its words.

**Labels:** `enforce`, `audit` and `warn`, each also with `-version`. **Since:** v1.23.

**Source:** k8s.io/pod-security-admission api/constants.go and api/helpers.go, PolicyToEvaluate.
"""

from ..findings import Severity
from .model.acceptance import AcceptanceCheck

CHECK = AcceptanceCheck(
    id="namespace-label",
    summary="labels for Pod Security that do not do what they seem to",
    severity=Severity.WARNING,
)
