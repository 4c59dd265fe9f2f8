"""Statements about manifests, proven one by one: a folder's claims.yaml goes in, a result for each comes out.

Every manifest is run once, however many statements it shows. A statement that holds is `proven`, one that
holds partly `corrected`, one that does not `refuted`; if anything listed for it was not observed, it is `not
shown`. The evidence is collected in `evidence`.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ...effective.image import ImageConfig
from ...effective.runtime import RuntimeProfile
from ...errors import InputError, ManifestError
from ...images.additions import parse_addition
from ...images.build import build_image
from ...images.layout import ImageSettings
from ...inputs.files import read_named
from ...results.proved import ClaimLine, ProvedContainer, Shown
from ...runtimes.pods.dangers import Allowed, refusals
from ..run.plan import plan_paths
from .evidence import by_admit, by_check, by_explain, by_run
from .prover import Prover

__all__ = ["ClaimList", "prove_claims", "read_claims"]

SCHEMA = "podproof/claims/v1"

_RESULTS = {True: "proven", "partly": "corrected", False: "refuted"}


class ClaimList(msgspec.Struct, frozen=True):
    """A folder with its statements; `images` maps references to how their images are made."""

    folder: Path
    claims: tuple[Mapping[str, Any], ...]
    images: Mapping[str, Mapping[str, Any]]

    def build_images(self, work: Path) -> list[str]:
        """Build the images that the manifests name; the archives' paths. Raises ImageError, OutputError."""
        return [
            self._build(name, made, work / f"image-{index}.tar")
            for index, (name, made) in enumerate(self.images.items())
        ]

    def _build(self, name: str, made: Mapping[str, Any], archive: Path) -> str:
        entries = [
            entry
            for source, target in made.get("add", {}).items()
            for entry in parse_addition(f"{self._inside(source)}:{target}")
        ]
        settings = ImageSettings(entrypoint=tuple(made.get("entrypoint", ())), user=str(made.get("user", "")))
        build_image(name, archive, settings=settings, additions=entries)
        return str(archive)

    def _inside(self, source: str) -> Path:
        """Find a file of an image, beside the folder or in it: no list may take the machine's own files."""
        path = (self.folder / source).resolve()
        if not path.is_relative_to(self.folder.resolve().parent):
            raise InputError(f"{self.folder}/claims.yaml: {source} is outside {self.folder.parent}")
        return path


def read_claims(folder: Path) -> ClaimList | None:
    """Read a folder's claims.yaml; None when there is none, or it is something else.

    Raises InputError: it is of this schema and cannot be used.
    """
    path = folder / "claims.yaml"
    if not path.is_file():
        return None
    try:
        value = yaml.safe_load(read_named(str(path)).decode())
    except (OSError, ValueError, yaml.YAMLError):
        return None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        return None
    claims = value.get("claims")
    if not isinstance(claims, list) or not all(_is_claim(claim) for claim in claims):
        raise InputError(
            f"{path}: claims must be a list of mappings with id, says, manifest, holds and truth"
        )
    return ClaimList(folder, tuple(claims), value.get("images") or {})


def _is_claim(claim: object) -> bool:
    return isinstance(claim, dict) and {"id", "says", "manifest", "holds", "truth"} <= claim.keys()


def prove_claims(
    claims_file: ClaimList,
    prover: Prover,
    allow: Allowed,
    images: Mapping[str, ImageConfig],
    progress: Callable[[str], None],
    interrupted: Callable[[], int],
) -> tuple[tuple[ClaimLine, ...], tuple[ProvedContainer, ...]]:
    """Prove every statement, up to a signal; also returns what was proven of the manifests' containers."""
    proven: dict[str, tuple[ProvedContainer, ...]] = {}
    lines: list[ClaimLine] = []
    for claim in claims_file.claims:
        manifest = claim["manifest"]
        path = claims_file.folder / manifest
        if manifest not in proven and _is_to_run(claims_file.claims, manifest) and not interrupted():
            progress(f"proving {manifest}")
            proven[manifest] = _run(prover, path, allow)
        if interrupted():
            break  # a statement whose manifest was not run to its end is not refuted
        shown = list(
            _evidence(claim, claims_file.folder, proven.get(manifest, ()), images, prover.setting.runtime)
        )
        lines.append(_line(claim, shown))
    return tuple(lines), tuple(container for one in proven.values() for container in one)


def _is_to_run(claims: Iterable[Mapping[str, Any]], manifest: str) -> bool:
    return any(
        claim["manifest"] == manifest and ("run" in claim.get("proof", ()) or claim.get("run"))
        for claim in claims
    )


def _run(prover: Prover, path: Path, allow: Allowed) -> tuple[ProvedContainer, ...]:
    plan = plan_paths([str(path)])
    proved: list[ProvedContainer] = []
    for planned in plan.pods:
        if not refusals(planned.pod, allow):
            proved += prover.prove(plan, planned)
    return tuple(proved)


def _evidence(
    claim: Mapping[str, Any],
    folder: Path,
    containers: tuple[ProvedContainer, ...],
    images: Mapping[str, ImageConfig],
    runtime: RuntimeProfile,
) -> Iterable[Shown]:
    path = folder / claim["manifest"]
    try:
        yield from by_explain(claim, path, images, runtime)
        yield from by_run(claim, containers)
        yield from by_check(claim, path, images)
        yield from by_admit(claim, folder)
    except ManifestError as error:
        yield Shown("manifest", str(path), str(error), False)


def _line(claim: Mapping[str, Any], shown: list[Shown]) -> ClaimLine:
    good = bool(shown) and all(one.holds for one in shown)
    return ClaimLine(
        id=claim["id"],
        says=" ".join(str(claim["says"]).split()),
        truth=" ".join(str(claim["truth"]).split()),
        manifest=claim["manifest"],
        container=claim.get("container"),
        result=_RESULTS.get(claim["holds"], "corrected") if good else "not shown",
        shown=tuple(shown),
    )
