"""All of one `prove`: paths go in, an engine is opened, pods and statements are proven, one Proof comes out.

Folders with a claims.yaml are proven statement by statement (`prove_claims`), everything else pod by pod.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from ...attacks.model.attack import Attack
from ...errors import ManifestError
from ...images.distribution.settings import RegistrySettings
from ...images.limits import MAX_IMAGE_BYTES
from ...results.proved import NOT_REACHED, ClaimLine, Proof, ProvedContainer
from ...runtimes.pods.dangers import Allowed, refusals
from ..run.engine import make_options, open_engine
from ..run.image_sources import image_facts, import_archives
from ..run.plan import Plan, plan_paths
from ..run.registries import pull_through
from .claims import prove_claims, read_claims
from .environment import environment
from .prover import Prover
from .start import NO_IMAGE, NO_OBJECT

__all__ = ["ProveOptions", "prove_paths"]


class ProveOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be proven, and what is allowed. `version` is Podproof's.

    `endpoint` None: the embedded engine.
    """

    paths: tuple[str, ...]
    attacks: tuple[Attack, ...]
    version: str
    allow: Allowed
    archives: tuple[str, ...] = ()
    max_image_size: int = MAX_IMAGE_BYTES
    registries: RegistrySettings = RegistrySettings()
    endpoint: str | None = None
    unsafe_sysctls: tuple[str, ...] = ()
    seccomp_root: str | None = None


def prove_paths(
    request: ProveOptions,
    *,
    progress: Callable[[str], None] = lambda _: None,
    interrupted: Callable[[], int] = lambda: 0,
) -> tuple[Proof, tuple[str, ...]]:
    """Prove everything; also returns one line for each input that could not be read.

    A pod that the server would not take, or that asks for a danger which is not allowed, is a problem of the
    proof. Raises UsageError, InputError, OutputError, EngineError as opening and importing do.
    """
    lists = tuple(listed for path in request.paths if (listed := read_claims(Path(path))) is not None)
    claimed = {str(claims_list.folder) for claims_list in lists}
    rest = [path for path in request.paths if str(Path(path)) not in claimed]
    plan = plan_paths(rest) if rest else None
    unread = plan.unread if plan is not None else ()
    if not lists and (plan is None or not (plan.pods or plan.refused)):
        return Proof({}, ()), unread
    allowed, problems = _allowed(plan, request.allow)
    if not lists and not allowed:
        return Proof({}, (), problems=problems), unread
    with open_engine(request.endpoint, progress) as opened:
        pull_through(opened.engine, request.registries, limit=request.max_image_size)
        began = time.monotonic()
        built = [
            archive for claims_list in lists for archive in claims_list.build_images(opened.session.directory)
        ]
        catalog = import_archives(opened.engine, [*request.archives, *built], limit=request.max_image_size)
        options = make_options(
            opened,
            allow=request.allow,
            served=frozenset(catalog),
            unsafe_sysctls=request.unsafe_sysctls,
            seccomp_root=request.seccomp_root,
        )
        prover = Prover(
            engine=opened.engine,
            options=options,
            directory=opened.session.directory,
            session=opened.session.id,
            attacks=request.attacks,
            facts=image_facts(opened.engine, catalog),
            interrupted=interrupted,
        )
        containers, failed = _prove_pods(prover, allowed, progress, interrupted)
        claims: list[ClaimLine] = []
        for claims_list in lists:
            lines, more = prove_claims(claims_list, prover, request.allow, catalog, progress, interrupted)
            claims += lines
            containers += more
        return (
            Proof(
                environment=environment(
                    opened.engine.features(),
                    prover.setting.node,
                    opened.session.directory,
                    prover.digests,
                    version=request.version,
                ),
                containers=containers,
                claims=tuple(claims),
                problems=(
                    *problems,
                    *failed,
                    *_not_run(containers),
                    *_not_reached(containers),
                    *_cut_short(interrupted),
                ),
                seconds=time.monotonic() - began,
            ),
            unread,
        )


def _allowed(plan: Plan | None, allow: Allowed) -> tuple[Plan | None, tuple[str, ...]]:
    """Keep the pods that may run; the others are problems."""
    if plan is None:
        return None, ()
    refused = [
        (planned, [f"{planned.source}: {line}" for line in refusals(planned.pod, allow)])
        for planned in plan.pods
    ]
    kept = tuple(planned for planned, lines in refused if not lines)
    problems = (*plan.refused, *(line for _, lines in refused for line in lines))
    return (msgspec.structs.replace(plan, pods=kept) if kept else None), problems


def _not_run(containers: Iterable[ProvedContainer]) -> Iterator[str]:
    """Tell of containers that lacked an image or an object: nothing was proven of them."""
    remedies = {
        NO_IMAGE: "name a file with it in --image-archive",
        NO_OBJECT: "name the manifest with it too",
    }
    for one in containers:
        if one.start.why in remedies:
            yield (
                f'{one.source}: {one.object}: container "{one.container}" was not run: {one.start.observed};'
                f" {remedies[one.start.why]}"
            )


def _not_reached(containers: Iterable[ProvedContainer]) -> Iterator[str]:
    """Tell of attacks that could not be carried out: whether they would have been refused is not shown."""
    for one in containers:
        for attack in one.attacks:
            if attack.observed == NOT_REACHED:
                name = f"{attack.id} ({attack.target})" if attack.target else attack.id
                last = f": {attack.evidence[-1]}" if attack.evidence else ""
                yield (
                    f'{one.source}: {one.object}: container "{one.container}": {name} was not reached{last}'
                )


def _cut_short(interrupted: Callable[[], int]) -> tuple[str, ...]:
    return ("interrupted: what was not proven by then is not in this report",) if interrupted() else ()


def _prove_pods(
    prover: Prover, plan: Plan | None, progress: Callable[[str], None], interrupted: Callable[[], int]
) -> tuple[tuple[ProvedContainer, ...], tuple[str, ...]]:
    containers: list[ProvedContainer] = []
    problems: list[str] = []
    for planned in plan.pods if plan is not None else ():
        if plan is None or interrupted():
            break
        progress(f"proving {planned.owner or 'Pod/' + planned.name}")
        try:
            containers += prover.prove(plan, planned)
        except ManifestError as error:
            problems.append(f"{planned.source}: {error}")
    return tuple(containers), tuple(problems)
