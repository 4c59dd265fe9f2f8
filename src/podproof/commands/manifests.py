"""`podproof manifests`: options come in, everything that installs the webhook in a cluster goes out."""

from typing import Any

import click

from . import _options

HELP = """\b
podproof manifests --image registry.example/podproof:0.1.0 \\
    | kubectl apply -f -
podproof manifests --image registry.example/podproof:0.1.0 \\
    --mode enforcing --enforce-namespace shop | kubectl apply -f -

Print everything that installs podproof serve in a cluster, as YAML for kubectl apply.

In advisory mode, nothing is ever denied: what would be is a warning, a metric and a line of the log. In
enforcing mode, the namespaces that --enforce-namespace names are guarded, or all of them where it is not
given; the others are advised as before. kube-system and the webhook's own namespace are never reviewed.

The output is the same for the same options, so that it can be kept in git.
"""

EPILOG = """\b
Exit codes:
  0  the manifests were printed
  2  an option is wrong
  4  they cannot be written
"""


@click.command(name="manifests", help=HELP, epilog=EPILOG)
@click.option(
    "--image", metavar="IMAGE", required=True, help="The webhook's image, as the Containerfile makes it."
)
@click.option(
    "-n",
    "--namespace",
    metavar="NAME",
    default="podproof",
    show_default=True,
    help="Where the webhook runs, and nothing else.",
)
@click.option(
    "--mode",
    type=click.Choice(["advisory", "enforcing"]),
    default="advisory",
    show_default=True,
    help="Whether anything is denied.",
)
@click.option(
    "--default-level",
    type=click.Choice(["privileged", "baseline", "restricted"]),
    default="privileged",
    show_default=True,
    help="What namespaces without a label of Pod Security have to meet.",
)
@click.option(
    "--enforce-namespace",
    "enforce_namespaces",
    metavar="NAME",
    multiple=True,
    callback=_options.names,
    help="Deny in these namespaces only.",
)
@click.option(
    "--exclude-namespace",
    "exclude_namespaces",
    metavar="NAME",
    multiple=True,
    callback=_options.names,
    help="Do not review what is in these namespaces either, such as those of a network plugin.",
)
@click.option(
    "--pod-security-policy",
    is_flag=True,
    help="Have PodSecurityPolicies judge pods and, in enforcing mode, change them.",
)
@click.option(
    "--kubernetes-version",
    metavar="VERSION",
    help="The cluster's version, such as 1.34: it is what latest means.  [default: what the API server says]",
)
@click.option(
    "--replicas",
    metavar="N",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="How many pods.",
)
@click.option(
    "--api-server-cidr",
    "api_server_cidrs",
    metavar="CIDR",
    multiple=True,
    callback=_options.names,
    help="Where the API servers are: only they reach the webhook, and it only them.",
)
@click.option(
    "--metrics-namespace",
    metavar="NAME",
    default="monitoring",
    show_default=True,
    help="Whose pods may read the metrics.",
)
@click.option(
    "--priority-class",
    metavar="NAME",
    default="system-cluster-critical",
    show_default=True,
    help='Of the pods; "" for none.',
)
@_options.output
def command(output: str | None, **options: Any) -> int:
    """Print the manifests; returns 0."""
    from ..outputs.sink import deliver
    from ..session.manifests.installation import installation
    from ..session.manifests.objects import objects

    documents = objects(installation(**options))
    deliver("---\n".join(documents).encode(), output)
    return 0
