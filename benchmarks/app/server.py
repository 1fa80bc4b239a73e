"""A server of the explorer on this machine, and what it costs: processor time and memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

__all__ = ["Server", "running"]

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"  # measurements never leave this machine
PATIENCE = 60.0  # seconds
READERS_FIRST = 12.0  # seconds after which the server has prepared what other pages need
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``started`` is the seconds until it answered its health check."""

    pid: int
    port: int
    started: float

    @property
    def url(self) -> str:
        """Address for a browser."""
        return f"http://localhost:{self.port}"

    @property
    def stream(self) -> str:
        """Address of the websocket over which pages are sent."""
        return f"ws://{HOST}:{self.port}/_stcore/stream"

    def cpu(self) -> float:
        """Processor seconds so far, all threads."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def wait_until_idle(self) -> None:
        """Wait until the server has warmed up and does nothing for two seconds."""
        end, busy = time.perf_counter() + PATIENCE, True
        time.sleep(READERS_FIRST)
        while busy and time.perf_counter() < end:
            before = self.cpu()
            time.sleep(2.0)
            busy = self.cpu() - before > 0.1

    def computing(self) -> float:
        """Long calculations under way, as `/metrics` says."""
        with urlopen(f"http://{HOST}:{self.port}/metrics", timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                name, _, value = line.rpartition(" ")
                if name == 'ipt_jobs{state="computing"}':
                    return float(value)
        raise LookupError("/metrics says nothing of calculations")

    def memory(self) -> float:
        """Resident memory in MB."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        raise ProcessLookupError(self.pid)


@contextmanager
def running() -> Iterator[Server]:
    """Start the explorer as its users do, on a free port, and stop it afterwards."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "ipt_evidence", "run", "--port", str(port), "--headless",
    ]  # fmt: skip
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "IPT_EVIDENCE_METRICS": "on"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(f"http://{HOST}:{port}/_stcore/health", process)
            yield Server(process.pid, port, time.perf_counter() - start)
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server stopped with code {process.returncode}")
        try:
            with urlopen(url, timeout=5):  # noqa: S310  our own server on this machine
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {PATIENCE:g} s")
