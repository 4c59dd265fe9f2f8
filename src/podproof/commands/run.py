"""`podproof run`: manifests come in, their pods run on a real runtime, what kubectl would show goes out."""

from typing import TYPE_CHECKING, Any

import click

from . import _options, _pod_options
from ._messages import progress, say
from ._options import WithCommand, behind_dashes

if TYPE_CHECKING:
    from ..session.run.detached import Report
    from ..session.run.pipeline import RunResult
    from ..session.run.plan import Plan
    from ..session.run.publish import Published
    from ..session.run.until import Until

HELP = """\b
podproof run web.yaml                            until its pods end, or Ctrl-C
podproof run deploy/ --until ready --describe    for CI
podproof run web.yaml --exec app -- id           run a command in a container

Run pods on a real container runtime by the kubelet's rules, with its statuses, events and messages.

PATH is a file, a folder or - for standard input. A workload runs as one pod, a Job to its completions.
Needs root. Whatever reaches out of a pod to this machine needs a flag that allows it.
"""

EPILOG = """\b
Exit codes; the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read, or the engine is gone
  1  a pod failed, did not start, or needs a flag that was not given
  3  there was nothing to run
  0  everything ran as asked
"""


@click.command(name="run", cls=WithCommand, help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option(
    "--until",
    metavar="ready|completed|DURATION",
    help="When to end the run.  [default: when all pods have ended or cannot start]",
)
@click.option(
    "--timeout", metavar="DURATION", help="Give up after this time.  [default: 5m for --until ready]"
)
@click.option(
    "--describe", is_flag=True, help="Print containers, states and events as kubectl describe does."
)
@click.option("--format", "format_", type=click.Choice(["text", "yaml"]), default="text", show_default=True)
@_options.output
@_options.color
@click.option(
    "--exec",
    "exec_",
    metavar="CONTAINER",
    help="Run the command after -- in this container once all pods are ready.",
)
@click.option("--raw", is_flag=True, help="Print what containers print as it is, control characters too.")
@click.option("--keep", is_flag=True, help="Leave the pods running: podproof ps, logs, exec, describe, stop.")
@click.option(
    "--replicas",
    metavar="[NAME=]NUMBER",
    multiple=True,
    help="Run so many pods of each workload, or of this one.  [default: 1]",
)
@click.option(
    "--publish",
    metavar="[NAME=][ADDRESS:]PORT:PODPORT[/udp]",
    multiple=True,
    help="Let a port of this machine lead to a pod.  [default address: 127.0.0.1]",
)
@click.option("--debug", metavar="IMAGE", help="Add an ephemeral container; its arguments follow --.")
@click.option("--target", metavar="CONTAINER", help="The container whose processes --debug sees.")
@_pod_options.image_archives
@_pod_options.max_image_size
@_pod_options.registries
@_pod_options.registry_login
@_pod_options.runtime_endpoint
@_pod_options.unsafe_sysctls
@_pod_options.seccomp_root
@click.option(
    "--time-scale", type=float, default=1.0, help="Shorten back-offs; 0.1 waits a tenth of the time."
)
@click.option("--verify", is_flag=True, help="Compare the prediction with each process.")
@click.option("--allow-host-ports", is_flag=True, help="Open hostPorts, on 127.0.0.1.")
@_pod_options.dangers
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Plan, refuse, run, report; returns the exit code."""
    from ..session.run.plan import plan_paths
    from ..session.run.publish import parse_publish, resolve_published
    from ..session.run.replicas import parse_replicas
    from ..session.run.until import parse_until

    until = parse_until(options["until"])
    timeout = _timeout(options["timeout"], until.kind)
    behind = behind_dashes(context)
    _verify(options, behind)
    published = parse_publish(options["publish"])
    plan = plan_paths(paths, replicas=parse_replicas(options["replicas"]))
    for problem in plan.unread:
        say(problem)
    for problem in (*plan.refused, *plan.notes):
        say(problem)
    if plan.refused or not plan.pods:
        return 4 if plan.unread else 1 if plan.refused else _nothing()
    if options["debug"]:
        from ..session.run.debugger import add_debugger

        add_debugger(plan, options["debug"], options["target"], behind)
    if _dangers(plan, options):
        return 4 if plan.unread else 1
    published = resolve_published(published, plan)
    if not options["keep"]:
        return _run(plan, options, until, timeout, behind, published)
    from ..session.run.detached import run_detached

    return run_detached(lambda report: _run(plan, options, until, timeout, behind, published, report))


def _run(
    plan: "Plan",
    options: dict[str, Any],
    until: "Until",
    timeout: float | None,
    behind: tuple[str, ...],
    published: "tuple[Published, ...]",
    report: "Report | None" = None,
) -> int:
    """Run, and tell how; with `report` the pods are kept, and this returns when they have been stopped."""
    from ..session.run.engine import make_options, open_engine
    from ..session.run.image_sources import image_facts, import_archives, served_names
    from ..session.run.keeping import KeptRun, PodKeeper, kept_log
    from ..session.run.network import open_network
    from ..session.run.pipeline import run_plan
    from ..session.run.registries import pull_through
    from ..session.run.unsupported_features import unsupported_features
    from ._live import live_reporter
    from ._progress import working
    from ._signals import caught_signals

    settings = _pod_options.registry_settings(options)
    with caught_signals() as caught:
        with open_engine(options["runtime_endpoint"], progress) as opened:
            pull_through(opened.engine, settings, limit=options["max_image_size"])
            with working(f"importing {', '.join(options['image_archive'])}"):
                imported = import_archives(
                    opened.engine, options["image_archive"], limit=options["max_image_size"]
                )
            made = make_options(
                opened,
                allow=_pod_options.allowed(options),
                served=served_names(imported),
                unsafe_sysctls=options["allowed_unsafe_sysctls"],
                seccomp_root=options["seccomp_root"],
                time_scale=options["time_scale"],
            )
            for line in unsupported_features(opened.engine.features(), plan):
                say(line)
            verify = None
            if options["verify"]:
                from ..session.run.verify import verifier

                verify = verifier(opened.engine, made, image_facts(opened.engine, imported), plan)
            session = opened.session.directory
            with (
                open_network(
                    plan,
                    opened,
                    made,
                    published=published,
                    allow_host_ports=options["allow_host_ports"],
                    tell=say,
                ) as network,
                live_reporter(
                    yaml=options["format_"] == "yaml" and options["output"] is None,
                    raw=options["raw"],
                    color=options["color"],
                ) as reporter,
            ):

                def keep(result: "RunResult", run: KeptRun) -> None:
                    assert report is not None
                    reporter.close()
                    keeper = PodKeeper(run, session)
                    report(_deliver(plan, result, options, caught), kept_log(session))
                    keeper.keep(lambda: len(caught))

                result = run_plan(
                    plan,
                    engine=opened.engine,
                    options=network.options,
                    network=network,
                    directory=session,
                    session=opened.session.id,
                    until=until,
                    timeout=timeout,
                    reporter=reporter,
                    command=(options["exec_"], behind) if options["exec_"] else None,
                    # the number of signals so far tells a second one from the first
                    interrupted=lambda: len(caught),
                    verify=verify,
                    keep=keep if report is not None else None,
                )
        return _deliver(plan, result, options, caught) if report is None else 0


def _deliver(plan: "Plan", result: "RunResult", options: dict[str, Any], caught: list[int]) -> int:
    from ..outputs.run_result import descriptions, rows, to_yaml
    from ..outputs.sink import deliver
    from ._executed import print_executed, say_exit_code

    now = result.at
    if result.executed is not None:
        print_executed(result.executed, raw=options["raw"])
    if options["format_"] == "yaml":
        text = to_yaml(result.snapshots)
    elif options["describe"]:
        text = descriptions(result.snapshots, now) + "\n" + rows(result.snapshots, now)
    else:
        text = rows(result.snapshots, now)
    # after --exec, the table is printed only if another option asks for it
    if options["exec_"] is None or options["describe"] or options["format_"] == "yaml" or options["output"]:
        deliver(text.encode("utf-8", "backslashreplace"), options["output"])
    if result.executed is not None:
        say_exit_code(result.executed.exit_code)
    for line in result.failed:
        say(line)
    if caught:
        return 128 + caught[0]
    if plan.unread:
        return 4
    return int(bool(result.failed or (result.executed is not None and result.executed.exit_code)))


def _timeout(text: str | None, kind: str) -> float | None:
    from ..errors import UsageError
    from ..kube.go_duration import parse_duration

    if text is None:
        return 300.0 if kind == "ready" else None
    seconds = parse_duration(text)
    if seconds is None:
        raise UsageError(f"--timeout must be a duration such as 30s or 2m, has {text!r}")
    return seconds


def _verify(options: dict[str, Any], behind: tuple[str, ...]) -> None:
    from ..errors import UsageError

    if options["exec_"] and not behind:
        raise UsageError("--exec needs a command: --exec CONTAINER -- COMMAND")
    if behind and not options["exec_"] and not options["debug"]:
        raise UsageError("a command after -- needs --exec CONTAINER or --debug IMAGE")
    if options["target"] and not options["debug"]:
        raise UsageError("--target names what --debug IMAGE looks at: add --debug")


def _dangers(plan: "Plan", options: dict[str, Any]) -> bool:
    from ..runtimes.pods.dangers import refusals

    allow = _pod_options.allowed(options)
    refused = [
        f"{planned.source}: {refusal}" for planned in plan.pods for refusal in refusals(planned.pod, allow)
    ]
    for line in refused:
        say(line)
    return bool(refused)


def _nothing() -> int:
    say("there is nothing to run: no pod, and no workload that makes one, was found")
    return 3
