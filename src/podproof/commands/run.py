"""`podproof run`: manifests come in, their pods run on a real runtime, what kubectl would show goes out."""

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..session.run import RunResult
    from ..session.run_plan import Plan

HELP = """\b
podproof run web.yaml                                    until its pods end, or Ctrl-C
podproof run deploy/ --until ready --describe            for CI
podproof run web.yaml --exec app -- id                   look around inside

Run pods on a real container runtime by the kubelet's rules, with its statuses, events and messages.

PATH is a file, a folder or - for standard input. Workloads run as one pod, Jobs to their completions.
Needs root. What reaches out of a pod to this machine needs a flag that says so.
"""

EPILOG = """\b
Exit codes, the first that applies:
  2  the command line or the configuration is wrong
  4  some input could not be read, or the engine is gone
  1  a pod failed, would not start, or asks for a danger that was not allowed
  3  there is nothing to run
  0  everything ran as asked
"""


class _WithCommand(click.Command):
    """Keeps what stands behind `--` apart from the paths."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            at = args.index("--")
            ctx.meta["podproof.command"] = tuple(args[at + 1 :])
            args = args[:at]
        return super().parse_args(ctx, args)


def _split(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.strip() for held in value for name in held.split(",") if name.strip())


@click.command(name="run", cls=_WithCommand, help=HELP, epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--until",
    metavar="ready|completed|DURATION",
    help="When the run is over.  [default: when all pods have ended or cannot start]",
)
@click.option(
    "--timeout", metavar="DURATION", help="Give up after this time.  [default: 5m for --until ready]"
)
@click.option(
    "--describe", is_flag=True, help="Print containers, states and events as kubectl describe does."
)
@click.option("--output", type=click.Choice(["table", "yaml"]), default="table", show_default=True)
@click.option(
    "--exec", "exec_", metavar="CONTAINER", help="Run the command behind -- in it once all is ready."
)
@click.option("--keep", is_flag=True, help="Leave the pods running: podproof ps, podproof stop.")
@click.option("--debug", metavar="IMAGE", help="Add an ephemeral container; its arguments stand behind --.")
@click.option("--target", metavar="CONTAINER", help="The container whose processes --debug sees.")
@click.option("--image-archive", metavar="FILE", multiple=True, help="Import an OCI layout or docker save.")
@click.option(
    "--registry-plain-http", metavar="HOST", multiple=True, help="Pull from HOST[:PORT] without TLS."
)
@click.option(
    "--registry-ca", metavar="HOST=FILE", multiple=True, help="Trust the PEM file's CA for HOST[:PORT]."
)
@click.option(
    "--runtime-endpoint", metavar="unix:///PATH", help="Use this CRI instead of the embedded engine."
)
@click.option(
    "--allowed-unsafe-sysctls", metavar="NAME,...", multiple=True, callback=_split, help="As the kubelet's."
)
@click.option(
    "--seccomp-root", metavar="DIR", help="Localhost profiles.  [default: /var/lib/kubelet/seccomp]"
)
@click.option("--time-scale", type=float, default=1.0, help="Shorten back-offs: 0.1 waits a tenth.")
@click.option("--verify", is_flag=True, help="Compare what was predicted with what each process is.")
@click.option("--allow-privileged", is_flag=True, help="Let privileged containers own this machine.")
@click.option("--allow-host-network", is_flag=True, help="Let pods have this machine's network.")
@click.option("--allow-host-pid", is_flag=True, help="Let pods see this machine's processes.")
@click.option("--allow-host-ipc", is_flag=True, help="Let pods have this machine's shared memory.")
@click.option("--allow-host-path", metavar="PREFIX", multiple=True, help="Let pods mount files below PREFIX.")
@click.option(
    "--allow-capability", metavar="NAME,...", multiple=True, callback=_split,
    help="Let containers add capabilities that reach out of them, such as SYS_ADMIN.",
)  # fmt: skip
@click.pass_context
def command(context: click.Context, /, paths: tuple[str, ...], **options: Any) -> int:
    """Plan, refuse, run, report; returns the exit code."""
    from ..session.run_plan import plan_paths
    from ..session.run_until import parse_until

    until = parse_until(options["until"])
    timeout = _timeout(options["timeout"], until.kind)
    behind = context.meta.get("podproof.command", ())
    _verify(options, behind)
    plan = plan_paths(paths)
    for problem in plan.unread:
        _say(problem)
    for problem in plan.refused:
        _say(problem)
    if plan.refused or not plan.pods:
        return 4 if plan.unread else 1 if plan.refused else _nothing()
    if options["debug"]:
        _add_debugger(plan, options["debug"], options["target"], behind)
    if _dangers(plan, options):
        return 4 if plan.unread else 1
    code = _run(plan, options, until, timeout, behind)
    return 4 if plan.unread and code in (0, 1) else code


def _run(plan: "Plan", options: dict[str, Any], until: Any, timeout: float | None, behind: Any) -> int:
    import signal

    from ..session.image_sources import image_facts, import_archives, served_names
    from ..session.kept import write_kept
    from ..session.registries import trust_registries
    from ..session.run import run_plan
    from ..session.run_engine import make_options, open_engine

    caught: list[int] = []

    def take(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open_engine(options["runtime_endpoint"], _progress) as opened:
            trust_registries(opened.engine, options["registry_plain_http"], options["registry_ca"])
            imported = import_archives(opened.engine, options["image_archive"])
            made = make_options(
                opened,
                allow=_allowed(options),
                served=served_names(imported),
                unsafe_sysctls=options["allowed_unsafe_sysctls"],
                seccomp_root=options["seccomp_root"],
                time_scale=options["time_scale"],
                keep=options["keep"],
            )
            for line in _lacks(opened.engine.features(), plan):
                _say(line)
            verify = None
            if options["verify"]:
                from ..session.run_verify import verifier

                verify = verifier(opened.engine, made, image_facts(opened.engine, imported), plan)
            reporter, finish = _reporter(yaml=options["output"] == "yaml")
            try:
                result = run_plan(
                    plan,
                    engine=opened.engine,
                    options=made,
                    directory=opened.session.directory,
                    session=opened.session.id,
                    until=until,
                    timeout=timeout,
                    reporter=reporter,
                    command=(options["exec_"], behind) if options["exec_"] else None,
                    # the number of signals so far tells a second one from the first
                    interrupted=lambda: len(caught),
                    verify=verify,
                )
            finally:
                finish()
            if options["keep"]:
                write_kept(opened.session.directory, result.snapshots)
        return _deliver(result, options, caught)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _deliver(result: "RunResult", options: dict[str, Any], caught: list[int]) -> int:
    from ..outputs.run_result import descriptions, rows, to_yaml
    from ..outputs.sink import write_stdout

    now = result.at
    if result.executed is not None:
        write_stdout(result.executed.stdout)
        sys.stderr.buffer.write(result.executed.stderr)
        sys.stderr.flush()
    if options["output"] == "yaml":
        text = to_yaml(result.snapshots)
    elif options["describe"]:
        text = descriptions(result.snapshots, now) + "\n" + rows(result.snapshots, now)
    else:
        text = rows(result.snapshots, now)
    # the table follows an answer of --exec only where somebody looks for it
    if options["exec_"] is None or options["describe"] or options["output"] == "yaml":
        write_stdout(text.encode("utf-8", "backslashreplace"))
    for line in result.failed:
        _say(line)
    if caught:
        return 128 + caught[0]
    if result.failed or (result.executed is not None and result.executed.exit_code):
        return 1
    return 0


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
        raise UsageError("a command behind -- needs --exec CONTAINER or --debug IMAGE")
    if options["target"] and not options["debug"]:
        raise UsageError("--target names what --debug IMAGE looks at: add --debug")


def _allowed(options: dict[str, Any]) -> Any:
    from ..runtimes.pods.dangers import Allowed

    return Allowed(
        privileged=options["allow_privileged"],
        host_network=options["allow_host_network"],
        host_pid=options["allow_host_pid"],
        host_ipc=options["allow_host_ipc"],
        host_paths=options["allow_host_path"],
        capabilities=tuple(name.upper().removeprefix("CAP_") for name in options["allow_capability"]),
    )


def _dangers(plan: "Plan", options: dict[str, Any]) -> bool:
    from ..runtimes.pods.dangers import refusals

    allow = _allowed(options)
    found = [
        f"{planned.source}: {refusal}" for planned in plan.pods for refusal in refusals(planned.pod, allow)
    ]
    for line in found:
        _say(line)
    return bool(found)


def _lacks(features: Any, plan: "Plan") -> list[str]:
    """Say what the engine cannot do of what the pods ask for, instead of pretending."""
    lines = []
    pods = [planned.pod for planned in plan.pods]
    if features.network is not None and any(not pod["spec"].get("hostNetwork") for pod in pods):
        lines.append(f"pods have no network but loopback: {features.network}")
    strict = any(
        (pod["spec"].get("securityContext") or {}).get("supplementalGroupsPolicy") == "Strict" for pod in pods
    )
    if strict and not features.strict_groups:
        lines.append(f"{features.runtime} ignores supplementalGroupsPolicy Strict: it acts as Merge")
    for pod in pods:
        name = pod["metadata"]["name"]
        for volume in pod["spec"].get("volumes") or ():
            sources = (volume.get("projected") or {}).get("sources") or ()
            if any(source.get("serviceAccountToken") for source in sources):
                lines.append(f"pod {name}: volume {volume['name']} has no token: no API server is here")
        ports = [port for one in pod["spec"]["containers"] for port in one.get("ports") or ()]
        if any(port.get("hostPort") for port in ports) and not pod["spec"].get("hostNetwork"):
            lines.append(f"pod {name}: hostPort is not opened on this machine: use the pod's address")
    return lines


def _add_debugger(plan: "Plan", image: str, target: str | None, arguments: tuple[str, ...]) -> None:
    from ..errors import UsageError
    from ..kube.image_name import default_pull_policy
    from ..session.run_plan import random_letters

    for planned in plan.pods:
        spec = planned.pod["spec"]
        names = [container["name"] for container in spec["containers"]]
        if target is not None and target not in names:
            continue
        debugger: dict[str, Any] = {
            "name": f"debugger-{random_letters(5)}",
            "image": image,
            "imagePullPolicy": default_pull_policy(image),
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
        if target is not None:
            debugger["targetContainerName"] = target
        if arguments:
            debugger["command"] = list(arguments)
        spec.setdefault("ephemeralContainers", []).append(debugger)
        return
    raise UsageError(f"--target {target}: no pod has a container of that name")


def _reporter(*, yaml: bool) -> Any:
    """Make the reporter: logs to standard output, or to standard error when that is for YAML."""
    import os
    import shutil

    from ..outputs.run_live import LiveReporter
    from ..outputs.sink import write_stdout
    from .terminal import color_wanted

    watched = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()

    def to_stderr(data: bytes) -> None:
        sys.stderr.buffer.write(data)
        sys.stderr.flush()

    stream = sys.stderr if yaml else sys.stdout
    reporter = LiveReporter(
        to_stderr if yaml else write_stdout,
        draw if watched else None,
        columns=lambda: shutil.get_terminal_size().columns,
        color=not yaml and color_wanted("auto", False),
        plain_logs=stream is not None and stream.isatty(),
    )
    return reporter, reporter.close


def _progress(text: str) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        _say(text)


def _nothing() -> int:
    _say("there is nothing to run: no pod and no workload was found")
    return 3


def _say(message: str) -> None:
    from ..outputs.plain import one_line

    if sys.stderr is not None:
        print(f"podproof: {one_line(message)}", file=sys.stderr)  # noqa: T201 - the command line's own voice
