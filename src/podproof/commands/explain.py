"""`podproof explain`: paths and options come in, what each container will run as goes out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from . import _options

if TYPE_CHECKING:
    from ..results.explained import ExplainedObject
    from ..results.pictured import PicturedPod
    from ..session.admit.prepared_cluster import PreparedCluster
    from ..session.admit.stored_pod import Admission
    from ..session.config import ProjectConfiguration
    from ..session.debugger import Debugger

HELP = """\b
podproof explain deploy/web.yaml
podproof explain web.yaml --container app --field runAsUser
podproof explain web.yaml --cluster exported/
podproof explain web.yaml --debug-profile sysadmin --target app

Show what each container will run as: every effective value, what set it, and whether it will start.

PATH is a file, a folder or - for standard input.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read; the rest was explained
  1  the API server refuses an object as invalid
  3  there was nothing to explain
  0  everything was explained, whether it will start or not
"""


@click.command(name="explain", help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option("-c", "--container", metavar="NAME", help="Show only containers of this name.")
@click.option("--field", metavar="FIELD", help="Show only this field, e.g. runAsUser.")
@_options.kubernetes_version
@_options.feature_gates
@click.option(
    "--cluster", metavar="DIR", help="Explain pods as this cluster stores them; see podproof admit --help."
)
@click.option(
    "-n", "--namespace", metavar="NAME", help="With --cluster: the namespace of objects that name none."
)
@click.option("--user", metavar="NAME", help="With --cluster: who creates pods.  [default: their controller]")
@click.option(
    "--service-account",
    metavar="[NS:]NAME",
    help="With --cluster: the account of pods that name none; it also creates pods without a controller.",
)
@click.option(
    "--namespace-labels",
    metavar="K=V,...",
    help="Explain pods as a namespace with these labels admits them.",
)
@click.option(
    "--debug-profile",
    metavar="NAME",
    help="Explain the container that kubectl debug would add: legacy, general, baseline, restricted, "
    "netadmin or sysadmin.",
)
@click.option("--image", metavar="IMAGE", help="With --debug-profile: its image.  [default: busybox]")
@click.option("--target", metavar="CONTAINER", help="With --debug-profile: whose processes it sees.")
@_options.folders
@_options.images
@_options.runtime
@_options.node
@_options.page_format
@_options.output
@_options.config
@_options.verbose
def command(
    paths: tuple[str, ...],
    container: str | None,
    field: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    cluster: str | None,
    namespace: str | None,
    user: str | None,
    service_account: str | None,
    namespace_labels: str | None,
    debug_profile: str | None,
    image: str | None,
    target: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    hidden: bool,
    kustomize: bool,
    images: str | None,
    runtime: str | None,
    node: str | None,
    format_: str,
    output: str | None,
    config: str | None,
    verbose: bool,
) -> int:
    """Explain and deliver; returns 4 when something could not be read, 3 when there is nothing to explain."""
    from ..effective.setting import Setting
    from ..kube.feature_gates import FeatureGates
    from ..outputs.sink import deliver
    from ..session.config import choose_gates, choose_runtime, choose_version
    from ..session.explain import explain_found
    from ..session.facts import find_images, read_node
    from ..session.sources import find_unread
    from ._circumstances import explained_facts
    from ._configuration import project_configuration
    from ._explain_told import Told
    from ._messages import note_version, say

    configuration = project_configuration(config)
    note_version(kubernetes_version or configuration.kubernetes_version)
    admission: Admission | None = None
    debugger = _debugger(debug_profile, image, target)
    if cluster is not None or namespace_labels is not None:
        prepared = _prepared(cluster, kubernetes_version, feature_gates, configuration)
        gates = FeatureGates(prepared.minor, prepared.changed_gates)
        admission = _admission(prepared, namespace, user, service_account, namespace_labels)
    else:
        _needs_cluster(namespace=namespace, user=user, service_account=service_account)
        gates = choose_gates(configuration, feature_gates, choose_version(configuration, kubernetes_version))
    found = find_unread(
        paths,
        include=include,
        exclude=(*configuration.exclude, *exclude),
        hidden=hidden,
        kustomize=kustomize,
    )
    about = explained_facts(
        configuration,
        paths,
        gates.minor,
        container=container,
        field=field,
        runtime=runtime or configuration.runtime,
        images=images or configuration.images_path,
        node=node,
        feature_gates=feature_gates,
        cluster=cluster,
        namespace=namespace,
        user=user,
        service_account=service_account,
        namespace_labels=namespace_labels,
        debug_profile=debug_profile,
        image=image,
        target=target,
    )
    told = Told(container, verbose=verbose)
    pictures: list[PicturedPod | None] = []
    objects = explain_found(
        found,
        Setting(
            images=find_images(configuration.images_path if images is None else images),
            runtime=choose_runtime(configuration, runtime),
            node=read_node(node),
            version=gates.minor,
            changed_gates=gates.changed,
        ),
        problem=told.problems.append,
        admission=admission,
        debugger=debugger,
        note=told.unexplained.append,
        skipped=told.skip,
        pictured=pictures.append if format_ == "html" else None,
    )
    _check_field(field)
    deliver(_parts(told.choose(objects), format_, field, output is not None, pictures, about), output)
    before: tuple[str, ...] = ()
    if admission is not None:
        for note in admission.notes:
            say(f"note: {note}")
        before = admission.problems
    for line in told.lines(before):
        say(line)
    if before or told.problems:
        return 4
    if told.any_refused:
        return 1
    return 0 if told.any_container else 3


def _debugger(profile: str | None, image: str | None, target: str | None) -> "Debugger | None":
    """Make what kubectl debug would add; raises UsageError: no such profile, or an option needs one."""
    from ..errors import UsageError
    from ..session.debugger import make_debugger

    if profile is not None:
        return make_debugger(profile, image, target)
    for name, value in (("image", image), ("target", target)):
        if value is not None:
            raise UsageError(f"--{name} needs --debug-profile NAME")
    return None


def _prepared(
    cluster: str | None,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
    configuration: "ProjectConfiguration",
) -> "PreparedCluster":
    from ..session.admit.prepared_cluster import prepare
    from ._messages import say

    prepared = prepare(
        cluster=cluster,
        config=None,
        kubernetes_version=kubernetes_version,
        feature_gates=feature_gates,
        project=configuration,
    )
    if prepared.assumed_version:
        say(prepared.assumed_version)
    return prepared


def _admission(
    prepared: "PreparedCluster",
    namespace: str | None,
    user: str | None,
    service_account: str | None,
    namespace_labels: str | None,
) -> "Admission":
    """Make what asks the cluster."""
    from ..session.admit.identity import Requester
    from ..session.admit.prepared_cluster import parse_account, parse_labels
    from ..session.admit.stored_pod import Admission

    account = None if service_account is None else parse_account(service_account)
    requester = Requester(user=user, account=account, namespace=namespace or "default")
    labels = None if namespace_labels is None else parse_labels(namespace_labels)
    return Admission(prepared, requester, labels)


def _needs_cluster(**options: str | None) -> None:
    from ..errors import UsageError

    for name, value in options.items():
        if value is not None:
            raise UsageError(f"--{name.replace('_', '-')} needs --cluster DIR")


def _check_field(field: str | None) -> None:
    from ..errors import UsageError
    from ..results.explained import FIELDS

    if field is not None and field not in FIELDS:
        from .main import nearest

        near = nearest(field, FIELDS) or f", known are {', '.join(FIELDS)}"
        raise UsageError(f"unknown field {field!r}{near}")


def _parts(
    objects: Iterable["ExplainedObject"],
    format_: str,
    field: str | None,
    to_file: bool,
    pictures: "Sequence[PicturedPod | None]",
    about: tuple[tuple[str, str], ...],
) -> Iterator[bytes]:
    """Write what is explained as it comes; only a page is made of all of it, and of its pictures."""
    if format_ == "json":
        from ..outputs.explain_json import json_parts

        yield from json_parts(entry.only(field=field) for entry in objects)
        return
    texts: Iterable[str]
    if format_ == "text":
        from ..outputs.explain_text import text_parts
        from .terminal import width

        texts = text_parts(objects, columns=width(to_file), field=field)
    elif format_ == "html":
        from ..outputs.pages.explain_page import html
        from ..results.explained import Explained

        texts = (html(Explained(objects=tuple(objects)), field=field, pictures=pictures, about=about),)
    else:
        from ..outputs.explain_markdown import markdown_parts

        texts = markdown_parts(objects, field=field)
    for text in texts:
        yield text.encode("utf-8", "surrogateescape")
