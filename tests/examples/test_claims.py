"""The list of the seed's claims is whole: each names a manifest, and no word of the text is left out."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from podproof.session.prove.attacks import all_attacks

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"
TEXT = (SEED / "seed.md").read_text(encoding="utf-8")
LIST = yaml.safe_load((SEED / "claims.yaml").read_text(encoding="utf-8"))
CLAIMS: list[dict[str, Any]] = LIST["claims"]
MISTAKES: list[dict[str, Any]] = LIST["mistakes"]

BLOCK = re.compile(r"^```\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    "run-as-user",
    "run-as-non-root",
    "read-only-root-filesystem",
    "allow-privilege-escalation",
    "capabilities",
    "pod-security-context",
    "pod-security-policy",
]


def squeeze(text: str) -> str:
    """The text without white space, emphasis and the hyphens of words broken at the end of a line."""
    return re.sub(r"\s|\*", "", text.replace("‐\n", ""))


def test_the_blocks_are_as_printed() -> None:
    printed = BLOCK.findall(TEXT)
    assert len(printed) == len(BLOCKS)
    for name, block in zip(BLOCKS, printed, strict=True):
        assert (SEED / "as-printed" / f"{name}.yaml").read_text(encoding="utf-8") == block, name
    assert {path.stem for path in (SEED / "as-printed").iterdir()} == set(BLOCKS)


def test_every_word_of_the_prose_is_claimed() -> None:
    prose = "\n".join(line for line in BLOCK.sub("", TEXT).splitlines() if not line.startswith("# "))
    rest = squeeze(prose)
    for claim in CLAIMS:
        quote = squeeze(claim["says"])
        assert quote in squeeze(prose), claim["id"]
        # Once only: two claims may not hide behind the same words.
        assert quote in rest, f"{claim['id']} repeats an earlier quotation"
        rest = rest.replace(quote, " ", 1)
    assert rest.split() == []


def test_the_order_is_that_of_the_text() -> None:
    text = squeeze(TEXT)
    places = [text.index(squeeze(claim["says"])) for claim in CLAIMS]
    assert places == sorted(places)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim["id"])
def test_a_claim_has_its_fields(claim: dict[str, Any]) -> None:
    required = {"id", "says", "manifest", "holds", "truth", "proof"}
    assert (
        required <= claim.keys() <= required | {"container", "messages", "explain", "run", "check", "admit"}
    )
    assert ("explain" in claim["proof"]) == ("explain" in claim)
    assert all(verb in claim["proof"] for verb in ("run", "check", "admit") if verb in claim)
    assert ("admit" in claim["proof"]) == ("admit" in claim)
    # What the kernel shows is what explain lists of the process or the start, or what run lists beside it.
    shown = [*claim.get("explain", ()), *claim.get("run", ())]
    if "run" in claim["proof"]:
        assert any(each.keys() & {"process", "start", "attacks"} for each in shown)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim["id"])
    assert claim["holds"] in (True, False, "partly")
    assert claim["proof"], "a claim that nothing shows"
    assert set(claim["proof"]) <= {"check", "explain", "run", "admit"}
    assert len(claim["proof"]) == len(set(claim["proof"]))
    assert all(isinstance(message, str) for message in claim.get("messages", []))
    assert claim["truth"].strip()
    documents = list(yaml.safe_load_all((SEED / claim["manifest"]).read_text(encoding="utf-8")))
    if "container" in claim:
        names = [each["name"] for document in documents for each in document["spec"]["containers"]]
        assert claim["container"] in names


def test_ids_are_unique() -> None:
    ids = [entry["id"] for entry in CLAIMS + MISTAKES]
    assert len(ids) == len(set(ids))


def test_mistakes_name_manifests() -> None:
    for mistake in MISTAKES:
        assert mistake.keys() - {"messages"} == {"id", "manifest", "truth"}
        assert (SEED / mistake["manifest"]).is_file(), mistake["id"]


def test_attacks_are_known() -> None:
    known = {attack.id for attack in all_attacks()}
    for claim in CLAIMS:
        for each in claim.get("run", ()):
            assert each.keys() <= {"pod", "container", "process", "start", "attacks"}
            assert {name.partition(" ")[0] for name in each.get("attacks", {})} <= known, claim["id"]


def test_images_can_be_built() -> None:
    described = yaml.safe_load((SEED / "images.yaml").read_text(encoding="utf-8"))["images"]
    assert LIST["images"].keys() == described.keys()
    for name, made in LIST["images"].items():
        assert made.get("user", "") == described[name]["user"]
        assert all((SEED / source).exists() for source in made["add"])


def test_every_manifest_is_in_the_list() -> None:
    listed = {entry["manifest"] for entry in CLAIMS + MISTAKES}
    shown = {f"corrected/{path.name}" for path in (SEED / "corrected").iterdir()}
    shown |= {f"mistakes/{path.name}" for path in (SEED / "mistakes").iterdir()}
    # The namespace is what replaced the policy; the claim about the policy tells of it.
    assert shown - listed <= {"corrected/namespace.yaml"}


def test_images_of_the_manifests_are_described() -> None:
    described = yaml.safe_load((SEED / "images.yaml").read_text(encoding="utf-8"))["images"].keys()
    for path in (SEED / "corrected").iterdir():
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for container in document.get("spec", {}).get("containers", []):
                assert container["image"] in described, path.name
