"""`podproof serve`: the admission webhook; options come in, a server runs until it is told to stop."""

import click

from . import _options
from ._messages import note_version, say

HELP = """\b
podproof serve --tls-cert tls.crt --tls-key tls.key --kubeconfig ~/.kube/config

Answer AdmissionReviews over HTTPS as podproof admit answers requests.

/validate is for a ValidatingWebhookConfiguration: Pod Security by namespace labels, and PodSecurityPolicy.
/mutate is for a MutatingWebhookConfiguration: what a PodSecurityPolicy fills in. /livez and /readyz tell of
health. Each decision is a line of JSON on standard output.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong, or an address cannot be bound
  0  stopped by SIGTERM or SIGINT, after what had been taken was answered
"""


@click.command(name="serve", help=HELP, epilog=EPILOG)
@click.option(
    "--bind", metavar="HOST:PORT", default="127.0.0.1:8443", show_default=True, help="Where reviews come in."
)
@click.option(
    "--metrics-bind",
    metavar="HOST:PORT",
    default="127.0.0.1:8080",
    show_default=True,
    help="Where /metrics is, and health once more, without TLS.",
)
@click.option("--tls-cert", metavar="FILE", help="The certificate in PEM, then its chain.")
@click.option("--tls-key", metavar="FILE", help="Its key in PEM; files are read again when they change.")
@click.option(
    "--self-managed",
    is_flag=True,
    help="In place of files: make and renew the certificate, and have the webhook configurations trust it.",
)
@click.option(
    "--tls-name",
    "tls_names",
    metavar="NAME",
    multiple=True,
    help="With --self-managed: another DNS name or IP address that the certificate is for.",
)
@click.option(
    "--client-ca-file",
    metavar="FILE",
    help="Take reviews only from clients with a certificate of an authority in FILE.",
)
@click.option(
    "--kubeconfig",
    metavar="FILE",
    help="Watch the cluster of the current context.  [default: that of the pod's own service account]",
)
@click.option(
    "--cluster",
    metavar="DIR",
    help="Ask no API server: the cluster's objects, as kubectl get -o yaml writes them.",
)
@click.option(
    "--max-staleness",
    metavar="SECONDS",
    type=click.FloatRange(2, 3600),
    default=60.0,
    show_default=True,
    help="Rely on nothing that was not heard of for longer.",
)
@click.option(
    "--config",
    metavar="FILE",
    help="A PodproofConfiguration, PodSecurityConfiguration or AdmissionConfiguration: what is in force.",
)
@click.option(
    "--warn-before",
    metavar="DURATION",
    default="168h",
    show_default=True,
    help="How long before an exemption expires users and operators are told.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes answer.",
)
@click.option(
    "--kubernetes-version",
    metavar="VERSION",
    help="The cluster's version, such as 1.34: it is what latest means.  [default: what the API server says; "
    "with --cluster, the newest known]",
)
@_options.feature_gates
def command(
    bind: str,
    metrics_bind: str,
    tls_cert: str | None,
    tls_key: str | None,
    self_managed: bool,
    tls_names: tuple[str, ...],
    client_ca_file: str | None,
    kubeconfig: str | None,
    cluster: str | None,
    max_staleness: float,
    config: str | None,
    warn_before: str,
    workers: int,
    kubernetes_version: str | None,
    feature_gates: tuple[str, ...],
) -> int:
    """Serve; returns 0 once told to stop."""
    from ..errors import UsageError
    from ..kube.go_duration import parse_duration
    from ..webhook.metrics_folder import shared_metrics

    seconds_before = parse_duration(warn_before)
    if seconds_before is None:
        raise UsageError(f'--warn-before: "{warn_before}" is not a duration, write one such as 168h')
    note_version(kubernetes_version)
    with shared_metrics(workers):  # before anything imports prometheus_client
        from ..session.serve.opened_source import notices_of, open_source
        from ..webhook.addresses import bind_address
        from ..webhook.opened_certificates import open_certificates
        from ..webhook.server import WebhookServer, serve
        from ..webhook.warm_up import warm_up
        from ..webhook.workers import run_workers

        source, prepared = open_source(
            folder=cluster,
            kubeconfig=kubeconfig,
            max_staleness=max_staleness,
            config=config,
            kubernetes_version=kubernetes_version,
            feature_gates=feature_gates,
        )
        if prepared.assumed_version:
            say(prepared.assumed_version)
        for problem in prepared.problems:
            say(problem)
        server = WebhookServer(
            source,
            open_certificates(
                certificate=tls_cert,
                key=tls_key,
                client_ca=client_ca_file,
                self_managed=self_managed,
                names=tls_names,
                kubeconfig=kubeconfig,
            ),
            bind_address("--bind", bind),
            bind_address("--metrics-bind", metrics_bind),
            warn_before=seconds_before,
            notices=notices_of(source),
        )
        warm_up()
        run_workers(workers, lambda: serve(server), say)
    return 0
