"""The page of `check` for 500 containers: its bytes, how long it takes, and Chromium's first paint of it."""

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_CONTAINERS = 500
_ROUNDS = 5

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{number}, namespace: team-{team}}}
spec:
  selector: {{matchLabels: {{app: app-{number}}}}}
  template:
    metadata: {{labels: {{app: app-{number}}}}}
    spec:
      hostNetwork: {host}
      containers:
      - name: app
        image: app:{number}
      - name: sidecar
        image: sidecar:1
        securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
"""

_PROBE = """<script>new PerformanceObserver((list) => {
  for (const one of list.getEntries()) console.log(one.name + " " + one.startTime);
}).observe({type: "paint", buffered: true});</script>"""

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--window-size=1280,900",
    "--enable-logging=stderr",
)  # fmt: skip


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workloads = (
            _WORKLOAD.format(number=number, team=number % 12, host=str(number % 5 == 0).lower())
            for number in range(_CONTAINERS // 2)
        )
        (folder / "all.yaml").write_text("---\n".join(workloads))
        page = folder / "page.html"
        command = [sys.executable, "-m", "podproof", "check", "all.yaml", "--format"]
        json_time = _time([*command, "json=page.json"], folder)
        html_time = _time([*command, "html=page.html"], folder)
        size = page.stat().st_size
        yield f"{_CONTAINERS} containers: {size / 1e6:.2f} MB, {size / _CONTAINERS:.0f} bytes a container"
        yield f"written in {html_time:.2f} s, JSON in {json_time:.2f} s"
        program = shutil.which("chromium")
        if program is None:
            yield "first paint: not measured, there is no chromium"
            return
        times = [_first_paint(program, page, folder) for _ in range(_ROUNDS)]
        yield f"first paint after {statistics.median(times):.0f} ms"


def _time(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return time.perf_counter() - started


def _first_paint(program: str, page: Path, folder: Path) -> float:
    """Give milliseconds from the start of loading; the page gets a script that its policy would forbid."""
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    probed = folder / "probed.html"
    probed.write_text(html.replace("<head>", f"<head>{_PROBE}", 1), "utf-8")
    profile = folder / "profile"
    command = [program, *_FLAGS, f"--user-data-dir={profile}"]
    command += [f"--screenshot={folder / 'shot.png'}", probed.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    shutil.rmtree(profile, ignore_errors=True)
    painted = re.search(r"first-paint ([\d.]+)", done.stderr)
    assert painted is not None, done.stderr[-500:]
    return float(painted[1])
