"""Why files are handed over by our own buttons: Streamlit's lose some while others read.

What ``st.download_button`` writes on request belongs to no session, so the server forgets it after
two runs of anybody's page. With fifty readers that is sooner than a browser comes to fetch it. The
day this test fails, ``components/downloads.py`` can make way for Streamlit's button.
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from urllib3 import PoolManager
from urllib3.util import Retry

from benchmarks.app.visitor import Visitor

SESSIONS, TIMES = 50, 8  # each time half of them ask for a file while the other half reads


class Downloader(Visitor):
    """A reader who presses the button: the browser asks for the file, then fetches it."""

    file = session = ""

    def _note(self, message: ForwardMsg) -> bool:
        self.session = message.new_session.initialize.session_id or self.session
        return super()._note(message)

    def _note_widget(self, message: ForwardMsg) -> None:
        button = message.delta.new_element.download_button
        self.file = button.deferred_file_id or self.file
        super()._note_widget(message)

    async def asked(self) -> str:
        """Where the server says that the file is; empty when it says that there is none."""
        ask = BackMsg()
        ask.backend_operation_request.request_id = self.file
        ask.backend_operation_request.session_id = self.session
        ask.backend_operation_request.deferred_file.file_id = self.file
        assert self._socket is not None
        await self._socket.send(ask.SerializeToString())
        while True:
            message = ForwardMsg.FromString(await self._socket.recv(decode=False))
            if message.WhichOneof("type") == "backend_operation_response":
                return message.backend_operation_response.deferred_file.url


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable, "-m", "uvicorn", "app:app", "--port", str(port),
        "--app-dir", str(Path(__file__).parent / "downloading"), "--log-level", "warning",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) as process:
        patient = Retry(total=None, connect=200, read=0, backoff_factor=0.1, backoff_max=0.3)
        with PoolManager(retries=patient) as pool:
            pool.request("GET", f"http://127.0.0.1:{port}/_stcore/health", timeout=30)
        yield port
        process.terminate()


async def _statuses(port: int) -> list[int]:
    """Status of each of 200 downloads, or of those up to the first round in which one is lost."""
    found = []
    async with AsyncExitStack() as stack:
        stream = f"ws://127.0.0.1:{port}/_stcore/stream"
        readers = [await stack.enter_async_context(Downloader(stream)) for _ in range(SESSIONS)]
        await asyncio.gather(*(reader.run() for reader in readers))
        with PoolManager() as pool:
            for time in range(TIMES):
                asking, reading = readers[time % 2 :: 2], readers[1 - time % 2 :: 2]
                places = await asyncio.gather(*(reader.asked() for reader in asking))
                await asyncio.gather(*(reader.run() for reader in reading))
                assert all(places)
                found += [
                    pool.request("GET", f"http://127.0.0.1:{port}{place}").status
                    for place in places
                ]
                if 404 in found:
                    break
    return found


def test_streamlits_button_loses_files_while_fifty_readers_work(port: int) -> None:
    # In a thread of its own: where tests in Chromium ran before, a loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        statuses = thread.submit(asyncio.run, _statuses(port)).result()
    assert set(statuses) <= {200, 404}
    assert 404 in statuses
