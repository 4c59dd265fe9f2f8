"""The mistakes that no test can notice, because nothing changes by them: read from equivalents.toml beside
this.

An entry names its mutant by module, function, operator and what is changed into what, so that it holds
though lines move; `nth`, from 1, is needed only for the second of two alike in a function. `reason` says
why nothing changes.
"""

import tomllib
from pathlib import Path

from .mutants import Mutant

FILE = Path(__file__).with_suffix(".toml")
PREFIX = "src/podproof/"

_NAMES = {"module", "function", "operator", "before", "after", "reason"}


def equivalents() -> dict[tuple[str, str, str, str, str, int], str]:
    """Read the mutants' keys and the reasons.

    Raises ValueError: an entry lacks a part, has one that is not known, or stands there twice.
    """
    found: dict[tuple[str, str, str, str, str, int], str] = {}
    for entry in tomllib.loads(FILE.read_text(encoding="utf-8")).get("equivalent", []):
        if entry.keys() - {"nth"} != _NAMES or not entry["reason"].strip():
            raise ValueError(f"an equivalent mutant has {', '.join(sorted(_NAMES))} and maybe nth: {entry}")
        key = (
            PREFIX + entry["module"], entry["function"], entry["operator"], entry["before"], entry["after"],
            int(entry.get("nth", 1)),
        )  # fmt: skip
        if key in found:
            raise ValueError(f"listed twice: {entry}")
        found[key] = entry["reason"]
    return found


def entry(mutant: Mutant) -> str:
    """Write the entry of a mutant, for a person to add the reason."""

    def quoted(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'

    lines = [
        "[[equivalent]]",
        f"module = {quoted(mutant.path.removeprefix(PREFIX))}",
        f"function = {quoted(mutant.function)}",
        f"operator = {quoted(mutant.operator)}",
        f"before = {quoted(mutant.before)}",
        f"after = {quoted(mutant.after)}",
    ]
    if mutant.nth > 1:
        lines.append(f"nth = {mutant.nth}")
    return "\n".join([*lines, 'reason = ""', ""])
