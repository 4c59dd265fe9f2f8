"""`podproof admit`: requests and a cluster come in, what the cluster answers goes out."""

import os
from typing import TYPE_CHECKING, Any

import click

from . import _options
from ._messages import note_version, say

if TYPE_CHECKING:
    from ..outputs.repository_paths import RepositoryPaths
    from ..results.admitted import AdmitOutcome
    from ..session.admit.identity import Requester
    from ..session.config import ProjectConfiguration

HELP = """\b
podproof admit pod.yaml \\
    --namespace-labels pod-security.kubernetes.io/enforce=restricted
podproof admit deploy/ --cluster exported/
podproof admit --compare exported/ proposed/ deploy/

Show what a cluster would answer to these objects, word for word: Pod Security labels, exemptions and
PodSecurityPolicy.

REQUEST is a file, a folder or - for standard input. It holds manifests (as kubectl apply would send them),
AdmissionReviews, or lines of an audit log.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read; the rest was answered
  1  something is denied, or pods that a workload creates now; with --compare, by NEW but not by OLD
  3  there was nothing to ask
  0  everything is allowed
"""

_FORMATS = ["text", "json", "yaml", "junit", "github", "markdown"]


@click.command(name="admit", help=HELP, epilog=EPILOG)
@click.argument("requests", metavar="REQUEST...", nargs=-1, type=click.Path(readable=False))
@click.option("--cluster", metavar="DIR", help="The cluster's objects, as kubectl get -o yaml writes them.")
@click.option("-n", "--namespace", metavar="NAME", help="The namespace of manifests.  [default: default]")
@click.option(
    "--namespace-labels",
    metavar="K=V,...",
    help="Labels for the requests' namespaces, instead of the cluster's.",
)
@click.option(
    "--admission-control-config-file",
    metavar="FILE",
    help="A PodSecurityConfiguration or AdmissionConfiguration as the server takes it, or Podproof's own.",
)
@click.option("--user", metavar="NAME", help="Who sends the manifests.  [default: some user]")
@click.option("--groups", metavar="NAME,...", help="The user's groups, besides system:authenticated.")
@click.option(
    "--service-account",
    metavar="[NS:]NAME",
    help="The account of pods that name none; without --user it also sends the manifests.",
)
@_options.kubernetes_version
@_options.feature_gates
@click.option(
    "--compare",
    metavar="OLD NEW",
    nargs=2,
    help="Show which verdicts change between two cluster folders or two configurations.",
)
@click.option(
    "--recreate",
    is_flag=True,
    help="Judge manifests as if their objects were created anew, also those that the cluster has.",
)
@_options.folders
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@_options.output
@_options.config
@_options.verbose
def command(
    requests: tuple[str, ...],
    cluster: str | None,
    namespace: str | None,
    namespace_labels: str | None,
    admission_control_config_file: str | None,
    user: str | None,
    groups: str | None,
    service_account: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    compare: tuple[str, str] | None,
    recreate: bool,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    kustomize: bool,
    format_: str,
    output: str | None,
    config: str | None,
    verbose: bool,
) -> int:
    """Answer and deliver; returns the exit code."""
    from ..errors import UsageError
    from ..outputs.sink import deliver
    from ..session.admit.identity import Requester
    from ..session.admit.pipeline import admit
    from ..session.admit.prepared_cluster import parse_account, parse_labels, prepare
    from ..session.admit.requests import read_requests
    from ._configuration import project_configuration

    if not requests:
        raise UsageError("nothing to ask: name a manifest, an AdmissionReview, an audit log, or -")
    requester = Requester(
        user=user,
        groups=tuple(name for name in (groups or "").split(",") if name),
        account=None if service_account is None else parse_account(service_account),
        namespace=namespace or "default",
        explicit_namespace=namespace is not None,
    )
    labels = None if namespace_labels is None else parse_labels(namespace_labels)
    project = project_configuration(config)
    note_version(kubernetes_version or project.kubernetes_version)
    read = read_requests(
        requests,
        include=include,
        exclude=(*project.exclude, *exclude),
        hidden=hidden,
        kustomize=kustomize,
    )
    if compare is not None:
        if format_ == "junit":
            raise UsageError(
                "--format junit is for answers, and --compare gives differences: write --format github"
            )
        return _compare(
            list(read),
            compare,
            cluster,
            admission_control_config_file,
            requester,
            labels,
            kubernetes_version,
            feature_gates,
            project,
            recreate,
            format_,
            output,
        )
    prepared = prepare(
        cluster=cluster,
        config=admission_control_config_file,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        project=project,
    )
    if prepared.assumed_version:
        say(prepared.assumed_version)
    outcome = admit(read, prepared, requester=requester, labels=labels, recreate=recreate)
    deliver(_rendered(outcome, format_, verbose, to_file=output is not None), output)
    for note in outcome.notes:
        say(f"note: {note}")
    for problem in outcome.problems:
        say(problem)
    if outcome.problems:
        return 4
    if outcome.denied or outcome.pods_denied:
        return 1
    return 0 if outcome.answers else 3


def _rendered(outcome: "AdmitOutcome", format_: str, verbose: bool, *, to_file: bool) -> bytes:
    from ..outputs import admission_review

    if format_ == "json":
        return admission_review.render_json(outcome)
    if format_ == "yaml":
        return admission_review.render_yaml(outcome)
    if format_ == "text":
        from ..outputs.admit_text import render
        from .terminal import encode

        return encode(render(outcome, verbose=verbose), to_file)
    from ..outputs.admit_pipelines import RENDERERS

    return RENDERERS[format_](outcome, _paths()).encode()


def _paths() -> "RepositoryPaths":
    from ..outputs.repository_paths import RepositoryPaths
    from ._formats import find_root

    folder = os.path.abspath(".")
    return RepositoryPaths(find_root(folder), folder)


def _compare(
    read: list[Any],
    sides: tuple[str, str],
    cluster: str | None,
    config: str | None,
    requester: "Requester",
    labels: dict[str, str] | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    project: "ProjectConfiguration",
    recreate: bool,
    format_: str,
    output: str | None,
) -> int:
    from ..outputs.compare_text import render, render_json, render_yaml
    from ..outputs.sink import deliver
    from ..session.compare import compare
    from .terminal import encode

    changes = compare(
        read,
        sides,
        cluster=cluster,
        config=config,
        requester=requester,
        labels=labels,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        project=project,
        recreate=recreate,
    )
    if format_ == "json":
        data = render_json(changes)
    elif format_ == "yaml":
        data = render_yaml(changes)
    elif format_ == "markdown":
        from ..outputs.compare_markdown import render_markdown

        data = render_markdown(changes, _paths()).encode()
    elif format_ == "github":
        from ..outputs.compare_github import render_github

        data = render_github(changes, _paths()).encode()
    else:
        data = encode(render(changes), output is not None)
    deliver(data, output)
    for line in (*changes.notes, *changes.problems):
        say(line)
    if changes.problems:
        return 4
    if changes.newly_denied:
        return 1
    return 0 if changes.compared else 3
