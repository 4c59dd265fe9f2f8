"""A server on the first core that this process may use, asked from the last one: what answers cost."""

import os
import re
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["Pinned", "free_port", "write_certificate"]


def free_port() -> int:
    """Find a port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def write_certificate(folder: Path) -> None:
    """Write a certificate for localhost, which signs itself, and its key."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    files = ["-keyout", "tls.key", "-out", "tls.crt", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*new, *files], cwd=folder, check=True, capture_output=True)


_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Load(NamedTuple):
    """What a server did under load: reviews, its processor time in seconds, latencies in milliseconds."""

    reviews: int
    spent: float
    seconds: int
    p50: float
    p99: float


class Pinned:
    """A running server with a port for TLS, ended with the block; `ready` says after how many seconds."""

    def __init__(self, folder: Path, command: list[str], port: int, path: str = "/validate") -> None:
        self._folder, self._url = folder, f"https://127.0.0.1:{port}{path}"
        self._cores = sorted(os.sched_getaffinity(0))
        started = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._cores[0]}),
        )
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        while not self._answers(context, port):
            if self._process.poll() is not None:
                raise OSError(f"{command[0]} has ended by itself")
            time.sleep(0.01)
        self.ready = time.monotonic() - started

    def _answers(self, context: ssl.SSLContext, port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port)) as plain, context.wrap_socket(plain) as tls:
                tls.sendall(b"GET /readyz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")
                return b" 200 " in tls.recv(100) or self._url.endswith("/echo")
        except OSError:
            return False

    def __enter__(self) -> "Pinned":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    @property
    def resident(self) -> int:
        """Memory of the server in MiB."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") >> 20

    def _processor_seconds(self) -> float:
        """Add up what its threads have run, in nanoseconds each. Source: proc_pid_schedstat(5)."""
        threads = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9

    def load(self, case: str, connections: int, seconds: int) -> Load:
        """Send a case's body with wrk for some seconds, as fast as it is answered."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", f"{case}.lua"]
        before = self._processor_seconds()
        output = self._ask([*command, self._url])
        spent = self._processor_seconds() - before
        done = re.search(r"(\d+) requests in", output)
        assert done is not None, output
        assert "Non-2xx" not in output, output
        latencies = dict(re.findall(r"^ +(50|99)% +([0-9.]+)(?:us|ms|s)$", output, re.MULTILINE))
        units = dict(re.findall(r"^ +(50|99)% +[0-9.]+(us|ms|s)$", output, re.MULTILINE))
        p50, p99 = (float(latencies[which]) * _MILLISECONDS[units[which]] for which in ("50", "99"))
        return Load(int(done[1]), spent, seconds, p50, p99)

    def steady(self, case: str, rate: int, seconds: int) -> str:
        """Send a case's body at a steady rate; gives the latencies in words."""
        loader = str(Path(__file__).with_name("_steady.py"))
        return self._ask([sys.executable, loader, self._url, f"{case}.json", str(rate), str(seconds)]).strip()

    def _ask(self, command: list[str]) -> str:
        return subprocess.run(
            command,
            cwd=self._folder,
            preexec_fn=lambda: os.sched_setaffinity(0, {self._cores[-1]}),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
