"""A real browser that looks at pages: Chromium without a window, if it is there."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import requires

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

PATIENCE = 120
"""Seconds for one page; a machine may be busy."""

NEEDED = requires.program("chromium")

_MEASURE = """<!doctype html><meta charset="utf-8"><title>measure</title>
<iframe width="{width}" height="800" srcdoc="{page}"></iframe>
<pre id="measured"></pre>
<script>
addEventListener("load", () => {{
  const inner = document.querySelector("iframe").contentDocument;
  inner.querySelectorAll("details").forEach((one) => {{ one.open = true; }});
  const room = inner.documentElement.clientWidth;
  const wide = [...inner.querySelectorAll("body *")].filter((one) => {{
    const box = one.getBoundingClientRect();
    const hidden = getComputedStyle(one).clipPath !== "none" || one.closest(".vh");
    return !hidden && box.width > 1 && box.right > room + 1;
  }});
  document.getElementById("measured").textContent = JSON.stringify({{
    scroll: inner.documentElement.scrollWidth, room,
    wide: wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 200)),
    script: !!inner.querySelector("label.js:not([hidden])"),
  }});
}});
</script>
"""


def measure(page: str, width: int, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Lay a page out at a width, all its details open: its measures, and what the console said."""
    file = folder / "measure.html"
    file.write_text(_MEASURE.format(width=width, page=html.escape(page)), encoding="utf-8")
    profile = folder / "profile"
    program = shutil.which("chromium")
    assert program is not None
    done = subprocess.run(
        [program, *FLAGS, f"--user-data-dir={profile}", "--enable-logging=stderr", "--window-size=1400,900",
         "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    shutil.rmtree(profile, ignore_errors=True)
    measured = re.search(r'<pre id="measured">(.*?)</pre>', done.stdout, re.DOTALL)
    assert measured is not None, done.stdout[-2000:]
    return json.loads(html.unescape(measured[1])), re.findall(r".*CONSOLE.*", done.stderr)
