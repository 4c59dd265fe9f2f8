"""Podproof: what a pod is allowed to do, whether that is what was meant, and the proof."""

__version__ = "0.1.0"

TYPE_CHECKING = False
"""Type checkers take it to be true. Importing `typing` would cost more than all the rest of this module."""

if TYPE_CHECKING:
    from .admission.cluster import Cluster
    from .admission.decision import Decision, PolicyReport
    from .api import check, explain, fix
    from .effective.value import Unknown
    from .errors import InputError, ManifestError, PodproofError, UsageError
    from .findings import ContainerRef, Finding, Severity
    from .kube.accept import accept
    from .kube.status import Acceptance, Cause
    from .manifest.file_text import Place
    from .policies.pod_security import Verdict, evaluate
    from .results.baseline import BaselineLine
    from .results.check_result import CheckedPod, CheckFinding, CheckResult
    from .results.checked import (
        LackedControls,
        NotJudged,
        ObjectRef,
        Pattern,
        PodSecurity,
        Replacement,
        Skipped,
        Summary,
        Suppression,
        Unlisted,
    )
    from .results.compared import AdmitChange, AdmitSide
    from .results.examined import DoctorResult
    from .results.explained import (
        Explained,
        ExplainedCapabilities,
        ExplainedContainer,
        ExplainedDebug,
        ExplainedEvent,
        ExplainedField,
        ExplainedNamespaces,
        ExplainedObject,
        ExplainedOrigin,
        ExplainedProcess,
        ExplainedStart,
    )
    from .results.fix_result import FixedFile, FixResult, FixSummary
    from .results.fixed import FixDecision, FixedObject, LeftOver, PatchOperation, TakenBack
    from .runtimes.machine import Fact
    from .session.programs import Manifest

__all__ = [
    "Acceptance",
    "AdmitChange",
    "AdmitSide",
    "BaselineLine",
    "Cause",
    "CheckFinding",
    "CheckResult",
    "CheckedPod",
    "Cluster",
    "ContainerRef",
    "Decision",
    "DoctorResult",
    "Explained",
    "ExplainedCapabilities",
    "ExplainedContainer",
    "ExplainedDebug",
    "ExplainedEvent",
    "ExplainedField",
    "ExplainedNamespaces",
    "ExplainedObject",
    "ExplainedOrigin",
    "ExplainedProcess",
    "ExplainedStart",
    "Fact",
    "Finding",
    "FixDecision",
    "FixResult",
    "FixSummary",
    "FixedFile",
    "FixedObject",
    "InputError",
    "LackedControls",
    "LeftOver",
    "Manifest",
    "ManifestError",
    "NotJudged",
    "ObjectRef",
    "PatchOperation",
    "Pattern",
    "Place",
    "PodSecurity",
    "PodproofError",
    "PolicyReport",
    "Replacement",
    "Severity",
    "Skipped",
    "Summary",
    "Suppression",
    "TakenBack",
    "Unknown",
    "Unlisted",
    "UsageError",
    "Verdict",
    "__version__",
    "accept",
    "check",
    "evaluate",
    "explain",
    "fix",
]

if not TYPE_CHECKING:  # for a type checker a name that is not above is a mistake

    def __getattr__(name):
        """Load a public name on first use: importing the package costs nothing, and nobody loads it all."""
        if name not in __all__:
            raise AttributeError(f"module 'podproof' has no attribute {name!r}")
        from .api import load

        return globals().setdefault(name, load(name))

    def __dir__():
        """Show the public names, loaded or not, and no modules."""
        return [*__all__]
