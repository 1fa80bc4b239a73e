"""A reader without a browser: Streamlit's own messages over its websocket.

A visitor does what the browser does. It asks for a page, keeps the large messages that the server
may then send as a mere hash, follows the address that the page writes, and sets widgets.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

__all__ = ["Visit", "Visitor"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of a page: seconds until it was complete, bytes and messages that came."""

    seconds: float
    size: int
    messages: int


@dataclass
class Visitor:
    """One session; open it with ``async with``."""

    stream: str
    page: str = ""
    query: str = ""
    cookie: str = ""  # as a proxy sets it: ``name=value``
    heading: str = ""  # the title of the page as it stands
    waiting: bool = False  # whether the page shows how far a calculation is
    widgets: dict[str, str] = field(default_factory=dict)  # key of a widget -> its id
    states: dict[str, WidgetState] = field(default_factory=dict)
    _hash: str = ""
    _kept: set[str] = field(default_factory=set)
    _socket: ClientConnection | None = None

    async def __aenter__(self) -> Visitor:
        """Connect."""
        self._socket = await connect(
            self.stream,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            compression=None,
            additional_headers={"Cookie": self.cookie} if self.cookie else None,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    async def go(self, page: str, query: str = "") -> Visit:
        """Open a page by its address, as after a click in the navigation."""
        self.page, self.query, self._hash = page, query, ""
        self.widgets, self.states = {}, {}
        return await self.run()

    async def set(self, key: str, **value: Any) -> Visit:
        """Set the widget with this key, such as ``string_value="words"``, and run the page."""
        state = WidgetState(id=self.widgets[key])
        for name, content in value.items():
            if name.endswith("array_value"):
                getattr(state, name).data.extend(content)
            else:
                setattr(state, name, content)
        self.states[key] = state
        return await self.run()

    async def run(self) -> Visit:
        """Run the page as it stands and wait until it is complete."""
        start, self.waiting = time.perf_counter(), False
        socket = await self.ask()
        size = messages = 0
        while True:
            data = await socket.recv(decode=False)
            size += len(data)
            messages += 1
            message = ForwardMsg.FromString(data)
            if self._note(message):
                return Visit(time.perf_counter() - start, size, messages)

    async def ask(self) -> ClientConnection:
        """Ask for a run of the page, and read nothing; where its answer will come."""
        if self._socket is None:
            raise RuntimeError("Open the visitor with 'async with' first")
        ask = BackMsg()
        ask.rerun_script.query_string = self.query
        ask.rerun_script.page_script_hash = self._hash
        ask.rerun_script.page_name = "" if self._hash else self.page
        ask.rerun_script.widget_states.widgets.extend(self.states.values())
        ask.rerun_script.cached_message_hashes.extend(self._kept)
        await self._socket.send(ask.SerializeToString())
        return self._socket

    def _note(self, message: ForwardMsg) -> bool:
        """Remember what a browser would; True when the run has ended."""
        kind = message.WhichOneof("type")
        if message.metadata.cacheable:
            self._kept.add(message.hash)
        if kind == "new_session":
            self._hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self._hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta":
            self._note_widget(message)
        elif kind == "script_finished":
            # a run cut short by another one is followed by that one
            return message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
        return False

    def _note_widget(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        self.waiting |= kind == "progress"
        if kind == "heading" and element.heading.tag == "h1":
            self.heading = element.heading.body
        identity = getattr(getattr(element, kind), "id", "") if kind else ""
        # ids read $$ID-<hash>-<key>
        if identity.startswith("$$ID-") and not identity.endswith("-None"):
            self.widgets[identity.split("-", 2)[2]] = identity
