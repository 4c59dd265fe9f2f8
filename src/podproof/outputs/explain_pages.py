"""The reports of `explain`: what was explained comes in, Markdown or one HTML page goes out.

Every format shows the same values and sentences. The page has no script and loads nothing; all text of
manifests is escaped.
"""

from base64 import b64encode
from hashlib import sha256
from html import escape

from ..results.explained import Explained, ExplainedContainer, ExplainedObject
from .explain_words import (
    ExplainedRow,
    containers,
    debug_lines,
    hints,
    process_lines,
    rows,
    start_line,
    title,
)
from .plain import one_line

__all__ = ["html", "markdown"]

CSP = "default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'"

_STYLE = (
    ":root{color-scheme:light dark;--line:#d0d7de;--soft:#59636e;--bad:#b35900;--back:#f6f8fa}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24;"
    "background:#fff}h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2.5rem 0 .2rem;overflow-wrap:anywhere}"
    ".place,.who,footer{color:var(--soft)}.place{margin:0 0 .8rem;font-size:.9rem}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}"
    "th:first-child{width:14rem}th:last-child{width:40%}"
    "td,th{text-align:left;vertical-align:top;border-bottom:1px solid var(--line);padding:.3rem .6rem;"
    "overflow-wrap:anywhere}td:first-child{font-weight:600}.unknown td:nth-child(2){color:var(--bad)}"
    "ul.verdict{background:var(--back);border-left:4px solid var(--line);margin:1rem 0;"
    "padding:.6rem 1rem .6rem 2rem}.verdict li:last-child{font-weight:600}"
    "@media(max-width:40rem){table,tbody,tr,td{display:block}thead{display:none}"
    "tr{border-bottom:1px solid var(--line);padding:.4rem 0}td{border:0;padding:.1rem .2rem}}"
    "@media(prefers-color-scheme:dark){:root{--line:#30363d;--soft:#9198a1;--bad:#e3a15c;--back:#161b22}"
    "body{background:#0d1117;color:#e6edf3}}"
)


def markdown(explained: Explained, *, field: str | None = None) -> str:
    """Write a heading, a table and a list for each container; `field` as for text."""
    out: list[str] = []
    for entry, container in containers(explained):
        out += [f"## {_escaped(title(entry, container))}", ""]
        if entry.file:
            out += [_escaped(f"{entry.file}:{entry.line}"), ""]
        out += ["| field | value | set by |", "|---|---|---|"]
        out += [
            f"| {' | '.join(_escaped(cell) for cell in (row.name, row.value, row.who))} |"
            for row in rows(entry, container, field)
        ]
        out += ["", *(f"- {_escaped(line)}" for line in _ends(container)), ""]
    hint_items = [f"- {_escaped(hint)}" for hint in hints(explained, field)]
    return "\n".join([*out, *(["To know what is unknown here:", "", *hint_items, ""] if hint_items else [])])


def _ends(container: ExplainedContainer) -> list[str]:
    return [*process_lines(container), *debug_lines(container), start_line(container)]


def _escaped(words: str) -> str:
    for character in "\\`*_[]<>|#":
        words = words.replace(character, f"\\{character}")
    return one_line(words)


def html(explained: Explained, *, field: str | None = None) -> str:
    """Write one self-contained page: no script, only its own style by its hash; `field` as for text."""
    policy = CSP.format(b64encode(sha256(_STYLE.encode()).digest()).decode())
    body = "".join(_section(entry, container, field) for entry, container in containers(explained))
    hint_items = "".join(f"<li>{escape(hint)}</li>" for hint in hints(explained, field))
    footer = (
        f"<footer><p>To know what is unknown here:</p><ul>{hint_items}</ul></footer>" if hint_items else ""
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>What will run</title>'
        f"<style>{_STYLE}</style></head><body><h1>What will run</h1>{body}{footer}</body></html>\n"
    )


def _section(entry: ExplainedObject, container: ExplainedContainer, field: str | None) -> str:
    place = one_line(f"{entry.file}:{entry.line}") if entry.file else ""
    items = "".join(f"<li>{escape(line)}</li>" for line in _ends(container))
    table_rows = "".join(map(_row, rows(entry, container, field)))
    return (
        f"<section><h2>{escape(title(entry, container))}</h2>"
        + (f'<p class="place">{escape(place)}</p>' if place else "")
        + '<table><thead><tr><th scope="col">field</th><th scope="col">value</th>'
        + f'<th scope="col">set by</th></tr></thead><tbody>{table_rows}'
        + f'</tbody></table><ul class="verdict">{items}</ul></section>'
    )


def _row(row: ExplainedRow) -> str:
    style = ' class="unknown"' if row.value == "unknown" else ""
    return (
        f"<tr{style}><td>{escape(row.name)}</td><td>{escape(row.value)}</td>"
        f'<td class="who">{escape(row.who)}</td></tr>'
    )
