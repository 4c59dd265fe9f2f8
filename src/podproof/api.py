"""The public Python API: what the commands use, for programs.

Thin: it names what other rooms define, and changes nothing about it. Each name is loaded when it is first
used, since a program that only evaluates pods need not load what a cluster takes.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .results.check_result import CheckResult
    from .results.fix_result import FixResult
    from .session.programs import Manifest

__all__ = ["HOMES", "check", "explain", "fix", "load"]

HOMES = {
    "admission.cluster": ("Cluster",),
    "admission.decision": ("Decision", "PolicyReport"),
    "api": ("check", "explain", "fix"),
    "effective.value": ("Unknown",),
    "errors": ("InputError", "ManifestError", "PodproofError", "UsageError"),
    "findings": ("ContainerRef", "Finding", "Severity"),
    "kube.accept": ("accept",),
    "kube.status": ("Acceptance", "Cause"),
    "manifest.file_text": ("Place",),
    "policies.pod_security": ("Verdict", "evaluate"),
    "results.baseline": ("BaselineLine",),
    "results.check_result": ("CheckFinding", "CheckResult", "CheckedPod"),
    "results.checked": (
        "LackedControls",
        "NotJudged",
        "ObjectRef",
        "Pattern",
        "PodSecurity",
        "Replacement",
        "Skipped",
        "Summary",
        "Suppression",
        "Unlisted",
    ),
    "results.compared": ("AdmitChange", "AdmitSide"),
    "results.examined": ("DoctorResult",),
    "results.explained": (
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
    ),
    "results.fix_result": ("FixResult", "FixSummary", "FixedFile"),
    "results.fixed": ("FixDecision", "FixedObject", "LeftOver", "PatchOperation", "TakenBack"),
    "runtimes.machine": ("Fact",),
    "session.programs": ("Manifest",),
}
"""Module of this package, and the public names that it defines."""


def load(name: str) -> Any:
    """Load the module that defines a public name, and return what the name stands for."""
    (home,) = (module for module, names in HOMES.items() if name in names)
    return getattr(import_module(f"{__package__}.{home}"), name)


def check(
    manifests: "Manifest | Iterable[Manifest]",
    level: str | None = None,
    *,
    kubernetes_version: str | None = None,
    feature_gates: Mapping[str, bool] | None = None,
    runtime: str | None = None,
    images: Mapping[str, Any] | str | None = None,
    node: Mapping[str, Any] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
    config: str | PathLike[str] | None = None,
) -> "CheckResult":
    """Check manifests as `podproof check` does; what its JSON holds, as typed values.

    `manifests` is one of these, or several: a path (a file, or a folder that is searched), the text of
    manifests, or an object as a mapping. Bytes are text. A `str` is text if it has a line break or starts
    with `{`, and otherwise a path; a `pathlib.Path` is always a path.

    The other arguments are the options of the command. `level` may have a version (`baseline:v1.34`), and is
    `restricted:latest` if not given. `feature_gates` are those that the cluster was told to set. `images`
    maps references to facts (`user`, `passwd`, `group`, ...) or names a lock file; `node` has the keys of a
    node file; what is not given is unknown. `select` and `ignore` are ids of checks; `include` and `exclude`
    are globs for the files in folders, `hidden` reads hidden ones too, and `kustomize` builds the folders. No
    configuration and no lock file is looked for: `config` names one.

    What a manifest ignores today has a `suppression` and does not count. Refusals of the API server cannot be
    ignored.

    What cannot be read is a finding (`unreadable`) and is counted in `undecided`; the rest is checked. What
    looks like container security and was not judged is in `not_judged`. A text is called `<text>` and an
    object `<object>`, with its number if there are several; the lines of an object are those of its JSON with
    an indentation of two.

    Raises UsageError: an argument has a wrong type, or a level, a version, a runtime, a gate, the id of a
    check or a key of the node is unknown. ManifestError: an object holds what JSON cannot. InputError: the
    lock file or an image's facts cannot be read.

    >>> import podproof
    >>> pod = {
    ...     "apiVersion": "v1",
    ...     "kind": "Pod",
    ...     "metadata": {"name": "web"},
    ...     "spec": {"hostNetwork": True, "containers": [{"name": "web", "image": "nginx"}]},
    ... }
    >>> result = podproof.check(pod, level="baseline")
    >>> for finding in result.findings:
    ...     if finding.severity == "error":
    ...         print(finding.check, finding.line, finding.route)
    host-namespaces 8 spec.hostNetwork
    >>> result.objects[0].pod_security.detail
    'host namespaces (hostNetwork=true)'
    """
    from .session.programs import check_manifests

    return check_manifests(
        manifests,
        level,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        runtime=runtime,
        images=images,
        node=node,
        select=select,
        ignore=ignore,
        include=include,
        exclude=exclude,
        hidden=hidden,
        kustomize=kustomize,
        config=config,
    )


def explain(
    pod: Mapping[str, Any] | str | bytes,
    images: Mapping[str, Any] | str | None = None,
    runtime: str = "containerd-2.3.7",
    node: Mapping[str, Any] | None = None,
    *,
    kubernetes_version: str = "latest",
    feature_gates: Mapping[str, bool] | None = None,
) -> dict[str, Any]:
    """Explain a pod or a workload, given as a mapping or as YAML text; the JSON document as plain data.

    `images` maps references to facts (`user`, `passwd`, `group`, `command`, ...) or names a lock file;
    `node` has the keys of a node file. What is not given is unknown, and the document says so.
    `feature_gates` are those that the cluster was told to set.

    `Explained` is the type of the document: `msgspec.convert(document, podproof.Explained)` makes one.

    Raises UsageError: an argument has a wrong type, the runtime or a key of the node is unknown, or
    `kubernetes_version` is not a version (`v1.37`). InputError: the pod or an image's facts cannot be read.

    >>> import podproof
    >>> document = podproof.explain(
    ...     {"spec": {"containers": [{"name": "web", "image": "web:1"}]}},
    ...     images={"web:1": {"user": "1000", "passwd": "", "group": ""}},
    ... )
    >>> web = document["objects"][0]["containers"][0]
    >>> web["process"]["uid"], web["fields"]["runAsUser"]["origin"]["kind"]
    (1000, 'image')
    >>> web["process"]["capabilities"]["effective"]
    []
    """
    from .results.plain import to_plain
    from .session.explain import explain_pod

    explained = explain_pod(
        pod,
        images,
        runtime,
        node,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
    )
    document: dict[str, Any] = to_plain(explained)
    return document


def fix(
    manifests: "Manifest | Iterable[Manifest]",
    level: str | None = None,
    *,
    only: Iterable[str] = (),
    no_guess: bool = False,
    uid_range: tuple[int, int] = (10_000, 59_999),
    all_advice: bool = False,
    kubernetes_version: str | None = None,
    feature_gates: Mapping[str, bool] | None = None,
    runtime: str | None = None,
    images: Mapping[str, Any] | str | None = None,
    node: Mapping[str, Any] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    include: Iterable[str] = (),
    exclude: Iterable[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
    config: str | PathLike[str] | None = None,
) -> "FixResult":
    """Plan what `podproof fix` would write; what its JSON holds, as typed values. Nothing is written.

    `only` chooses kinds of changes (`same`, `tighter`, `guess`), and `no_guess` leaves out those that a
    person has to confirm; users are guessed from `uid_range`, both ends included. `all_advice` takes
    up advice, too. The other arguments are those of `check`, and so are the errors.

    Each object's decisions have a JSON Patch. Each file has the edits of its text, with places, and the whole
    text after them; a manifest that is given as an object is a file of JSON (`<object>`).

    >>> import podproof
    >>> pod = {
    ...     "apiVersion": "v1",
    ...     "kind": "Pod",
    ...     "metadata": {"name": "web"},
    ...     "spec": {"hostNetwork": True, "containers": [{"name": "web", "image": "nginx"}]},
    ... }
    >>> result = podproof.fix(pod, level="baseline")
    >>> (web,) = result.files[0].objects
    >>> for decision in web.decisions:
    ...     print(decision.kind, decision.what, decision.patch[0].path)
    tighter remove hostNetwork /spec/hostNetwork
    >>> import json
    >>> json.loads(result.files[0].after)["spec"]
    {'containers': [{'name': 'web', 'image': 'nginx'}]}
    """
    from .session.programs import plan_fixes

    return plan_fixes(
        manifests,
        level,
        only=only,
        no_guess=no_guess,
        uid_range=uid_range,
        all_advice=all_advice,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        runtime=runtime,
        images=images,
        node=node,
        select=select,
        ignore=ignore,
        include=include,
        exclude=exclude,
        hidden=hidden,
        kustomize=kustomize,
        config=config,
    )
