"""The reports of `prove`: a proof comes in, Markdown or one HTML page goes out.

Every format shows the same values. The page has no script and loads nothing; all text of manifests, images
and kernels is escaped.
"""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from ..results.proved import ClaimLine, Proof, ProvedContainer, Shown
from .plain import one_line
from .prove_words import ProvedRow, attack_rows, closing, environment_lines, field_rows, title

__all__ = ["html", "markdown"]

CSP = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"

_STYLE = (
    ":root{color-scheme:light dark;--line:#d0d7de;--soft:#59636e;--bad:#b3261e;--good:#1a7f37;--back:#f6f8fa}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:84rem;padding:0 1rem;color:#1b1f24;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2.5rem 0 .2rem;overflow-wrap:anywhere}"
    "h3{font-size:1rem;margin:1.2rem 0 .2rem}.place,footer,dt{color:var(--soft)}"
    ".place{margin:0;font-size:.9rem}"
    ".sum{background:var(--back);border-left:4px solid var(--good);padding:.6rem 1rem;font-weight:600}"
    ".sum.bad{border-color:var(--bad)}table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "td,th{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.3rem .6rem;"
    "overflow-wrap:anywhere}td:first-child{font-weight:600}.mark{width:8rem}.good .mark{color:var(--good)}"
    ".bad .mark,.bad strong{color:var(--bad);font-weight:700}.open{color:var(--soft)}"
    "code{font:13px ui-monospace,monospace}blockquote{margin:.2rem 0;padding-left:1rem;"
    "border-left:3px solid var(--line)}dl{display:grid;grid-template-columns:8rem 1fr;gap:.1rem 1rem}"
    "dd{margin:0;overflow-wrap:anywhere}@media(max-width:48rem){table,tbody,tr,td{display:block}thead{display:none}"
    "tr{border-bottom:1px solid var(--line);padding:.4rem 0}td{border:0;padding:.1rem .2rem}}"
    "@media(prefers-color-scheme:dark){:root{--line:#30363d;--soft:#9198a1;--bad:#ff7b72;--good:#3fb950;"
    "--back:#161b22}body{background:#0d1117;color:#e6edf3}}"
)

_CLASSES = {"as predicted": "good", "NOT AS PREDICTED": "bad"}


def markdown(proof: Proof) -> str:
    """Write headings, tables and lists; the statements come first where there are any."""
    out = ["# What was proven", "", _escaped(closing(proof)), ""]
    for claim in proof.claims:
        out += [
            f"## {_escaped(claim.result)}: {_escaped(claim.id)}",
            "",
            f"> {_escaped(claim.says)}",
            "",
        ]
        out += [_escaped(claim.truth), ""]
        out += [f"- {_escaped(_shown(shown))}" for shown in claim.shown]
        out.append("")
    for container in proof.containers:
        out += [f"## {_escaped(title(container))}", "", _escaped(container.source), ""]
        out += [*_lines(("field", "predicted", "observed", "who says so"), field_rows(container)), ""]
        out += [*_lines(("attack", "predicted", "observed", "evidence"), attack_rows(container)), ""]
    out += ["## Environment", ""]
    out += [f"- {name}: {_escaped(words)}" for name, words in environment_lines(proof)]
    out += [f"- problem: {_escaped(line)}" for line in proof.problems]
    return "\n".join(out) + "\n"


def _lines(head: tuple[str, ...], rows: Iterable[ProvedRow]) -> list[str]:
    table_rows = list(rows)
    if not table_rows:
        return []
    out = [f"| {' | '.join(head)} | |", f"|{'---|' * 5}"]
    for row in table_rows:
        cells = (row.name, row.predicted, row.observed, row.evidence, row.mark)
        out.append(f"| {' | '.join(_escaped(cell) for cell in cells)} |")
    return out


def _escaped(words: str) -> str:
    for character in "\\`*_[]<>|#":
        words = words.replace(character, f"\\{character}")
    return one_line(words)


def _shown(shown: Shown) -> str:
    return f"{'' if shown.holds else 'NOT SHOWN, '}{shown.by}: {shown.what}: {shown.found}"


def html(proof: Proof) -> str:
    """Write one self-contained page: no script, and nothing but its own style by its hash."""
    policy = CSP.format(b64encode(sha256(_STYLE.encode()).digest()).decode())
    good = "" if proof.as_predicted else " bad"
    body = "".join(map(_claim, proof.claims))
    body += "".join(map(_section, proof.containers))
    problems = "".join(f"<li>{escape(one_line(line))}</li>" for line in proof.problems)
    environment = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(words)}</dd>" for name, words in environment_lines(proof)
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>What was proven</title>'
        f"<style>{_STYLE}</style></head><body><h1>What was proven</h1>"
        f'<p class="sum{good}">{escape(closing(proof))}</p>'
        + (f'<ul class="bad">{problems}</ul>' if problems else "")
        + f"{body}<footer><h2>Environment</h2><dl>{environment}</dl></footer></body></html>\n"
    )


def _claim(claim: ClaimLine) -> str:
    items = "".join(
        f'<li class="{"good" if shown.holds else "bad"}"><strong>{"" if shown.holds else "not shown: "}'
        f"</strong>{escape(one_line(_plain(shown)))}</li>"
        for shown in claim.shown
    )
    where = claim.manifest + (f", container {claim.container}" if claim.container else "")
    return (
        f"<section><h2>{escape(claim.result)}: {escape(one_line(claim.id))}</h2>"
        f'<p class="place">{escape(one_line(where))}</p>'
        f"<blockquote>{escape(one_line(claim.says))}</blockquote>"
        f"<p>{escape(one_line(claim.truth))}</p><ul>{items}</ul></section>"
    )


def _plain(shown: Shown) -> str:
    return f"{shown.by}: {shown.what}: {shown.found}"


def _section(container: ProvedContainer) -> str:
    place = one_line(f"{container.source}, image {container.image}")
    return (
        f"<section><h2>{escape(title(container))}</h2>"
        f'<p class="place">{escape(place)}</p>'
        + _table("field", "who says so", field_rows(container))
        + _table("attack", "evidence", attack_rows(container))
        + "</section>"
    )


def _table(first: str, last: str, rows: Iterable[ProvedRow]) -> str:
    body = "".join(_row(row, last == "evidence") for row in rows)
    if not body:
        return ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in (first, "predicted", "observed", last))
    return (
        f"<h3>{first.capitalize()}s</h3><table><thead><tr>{heads}"
        f'<th scope="col" class="mark">verdict</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _row(row: ProvedRow, code: bool) -> str:
    cells = "".join(f"<td>{escape(cell)}</td>" for cell in (row.name, row.predicted, row.observed))
    last = f"<code>{escape(row.evidence)}</code>" if code else escape(row.evidence)
    return (
        f'<tr class="{_CLASSES.get(row.mark, "open")}">{cells}<td>{last}</td>'
        f'<td class="mark">{escape(row.mark)}</td></tr>'
    )
