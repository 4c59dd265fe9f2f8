"""Sends one body again and again at a steady rate, and prints latencies.

    python _steady.py URL FILE RATE SECONDS

A latency counts from when the request was due, so that a server that stalls is not asked less, and seen to
stall by every request that had to wait.
"""

import asyncio
import ssl
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

CONNECTIONS = 8


class _Connection:
    """A kept connection, which takes one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> None:
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        fields = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
        length = next((int(value) for name, _, value in fields if name == b"content-length"), None)
        if length is not None:
            await self._reader.readexactly(length)
            return
        chunk = b""
        while chunk != b"0\r\n":
            chunk = await self._reader.readuntil(b"\r\n")
            await self._reader.readexactly(int(chunk, 16) + 2)


async def _load(url: str, body: bytes, rate: int, seconds: int) -> list[float]:
    parts = urlsplit(url)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    head = f"POST {parts.path} HTTP/1.1\r\nhost: {parts.netloc}\r\ncontent-type: application/json\r\n"
    request = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(_Connection(*await asyncio.open_connection(parts.hostname, parts.port, ssl=context)))
    took: list[float] = []

    async def one(due: float) -> None:
        connection = await free.get()
        await connection.ask(request)
        took.append(time.perf_counter() - due)
        free.put_nowait(connection)

    for _ in range(200):  # warmed up by those that do not count
        await one(time.perf_counter())
    took.clear()
    started = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(rate * seconds):
            due = started + number / rate
            pause = due - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            group.create_task(one(due))
    return sorted(took)


def main() -> None:
    url, file, rate, seconds = sys.argv[1:]
    took = uvloop.run(_load(url, Path(file).read_bytes(), int(rate), int(seconds)))
    shown = [took[int(len(took) * share)] * 1000 for share in (0.5, 0.9, 0.99)]
    print("p50 {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms".format(*shown))


if __name__ == "__main__":
    main()
