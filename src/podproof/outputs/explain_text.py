"""The table of `explain` that a person reads, and its Markdown and HTML twins.

The JSON document of `explain` comes in, text goes out: every format shows the same values.
"""

import json
from collections.abc import Iterator
from typing import Any

from .plain import one_line

__all__ = ["html", "markdown", "text"]

CSP = "default-src 'none'; style-src 'sha256-{}'"

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24;"
    "background:#fff}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;"
    "border-bottom:1px solid #d0d7de;padding:.3rem .6rem;overflow-wrap:anywhere}"
    "td:first-child{overflow-wrap:normal;white-space:nowrap}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}}"
)


def _value(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"unknown"}:
        return f"unknown: {value['unknown']}"
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return ", ".join(f"{key}={held}" for key, held in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_item(item) for item in value) or "none"
    return str(value)


def _item(item: Any) -> str:
    if isinstance(item, dict) and "source" in item:
        return f"{item['name']} ({item['source']}): {item['text']}"
    return item if isinstance(item, str) else json.dumps(item)


def _who(origin: dict[str, Any]) -> str:
    place = f"{origin['file']}:{origin['line']}" if origin["line"] else ""
    parts = [part for part in (origin["text"], origin["route"], place) if part]
    return f"{origin['kind']}: {', '.join(parts)}" if parts else origin["kind"]


def _ends(container: dict[str, Any]) -> Iterator[str]:
    """Write the last block: what the process will be, what it can write, and whether it starts."""
    process = container["process"]
    sets = process["capabilities"]
    ids = f"{_value(process['uid'])}:{_value(process['gid'])}"
    yield f"the process will be {ids}, groups {_value(process['groups'])}"
    yield f"capabilities: {_value(sets['effective'])}; it can regain at most {_value(sets['bounding'])}"
    if process["no_new_privs"]:
        yield "no_new_privs stops set-user-ID files and file capabilities from giving it more"
    elif sets["bounding"] and sets["effective"] == []:
        yield "a set-user-ID file or a file with capabilities gives back what the bounding set has"
    yield f"seccomp {_value(process['seccomp'])}, AppArmor {_value(process['apparmor'])}"
    yield f"it can write: {_value(process['writable_paths'])} (as far as file permissions allow)"
    start = container["start"]
    if start["starts"] is True:
        yield "it will start"
    elif start["starts"] is False:
        event = start["event"]
        why = start["message"] or (event["message"] if event else "it waits for a container before it")
        yield f"it will not start, because {start['reason']}: {why}"
    else:
        yield f"not known whether it starts: {start['starts']['unknown']}"


def _title(entry: dict[str, Any], container: dict[str, Any]) -> str:
    name = "/".join(part for part in (entry["namespace"], entry["name"]) if part) or "(no name)"
    kind = "" if container["kind"] == "container" else f" ({container['kind']})"
    return f"{entry['kind']} {name} · container {container['name']}{kind}"


def _rows(container: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, field in container["fields"].items():
        yield name, one_line(_value(field["value"])), one_line(_who(field["origin"]))


def _containers(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for entry in document["objects"]:
        for container in entry["containers"]:
            yield entry, container


def text(document: dict[str, Any], *, columns: int = 110) -> str:
    """Write one table per container: field, value, who set it; then what the process will be."""
    out: list[str] = []
    for entry, container in _containers(document):
        place = f"{entry['file']}:{entry['line']}  " if entry["file"] else ""
        out.append(one_line(f"{place}{_title(entry, container)}"))
        rows = list(_rows(container))
        first = max((len(name) for name, _, _ in rows), default=0)
        second = min(
            max((len(value) for _, value, _ in rows), default=0), max(20, (columns - first - 6) // 2)
        )
        for name, value, who in rows:
            if len(value) <= second:
                out.append(f"  {name:<{first}}  {value:<{second}}  {who}")
            else:
                out += [f"  {name:<{first}}  {value}", f"  {'':<{first}}  {'':<{second}}  {who}"]
        out += ["", *(f"  {one_line(line)}" for line in _ends(container)), ""]
    return "\n".join(out)


def markdown(document: dict[str, Any]) -> str:
    """Write the same as Markdown tables."""
    out: list[str] = []
    for entry, container in _containers(document):
        out += [f"## {_escaped(_title(entry, container))}", "", "| field | value | set by |", "|---|---|---|"]
        out += [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in _rows(container)]
        out += ["", *(f"- {_escaped(line)}" for line in _ends(container)), ""]
    return "\n".join(out)


def _escaped(words: str) -> str:
    for character in "\\`*_[]<>|#":
        words = words.replace(character, f"\\{character}")
    return one_line(words)


def html(document: dict[str, Any]) -> str:
    """Write one self-contained page: no script, and nothing but its own style by its hash."""
    from base64 import b64encode
    from hashlib import sha256
    from html import escape

    policy = CSP.format(b64encode(sha256(_STYLE.encode()).digest()).decode())
    body: list[str] = []
    for entry, container in _containers(document):
        body.append(f"<section><h2>{escape(one_line(_title(entry, container)))}</h2>")
        body.append("<table><thead><tr><th>field</th><th>value</th><th>set by</th></tr></thead><tbody>")
        for row in _rows(container):
            body.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>")
        items = "".join(f"<li>{escape(one_line(line))}</li>" for line in _ends(container))
        body.append(f"</tbody></table><ul>{items}</ul></section>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width"><title>What will run</title>'
        f"<style>{_STYLE}</style></head><body><h1>What will run</h1>{''.join(body)}</body></html>\n"
    )
