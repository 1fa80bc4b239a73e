"""What Streamlit's server does at every click though once would do, or does too late.

Small messages are sent at once. Streamlit binds its socket without naming TCP, and asyncio switches
Nagle's algorithm off only for sockets that do (``socket.proto == IPPROTO_TCP``). The algorithm then
holds the second message of each answer back until the browser acknowledges the first, which a
browser puts off by 40 ms (RFC 896, RFC 1122 section 4.2.3.2). A connection inherits the option from
the socket that accepts.

The theme is read from the settings once. Streamlit reads it for the first message of each answer,
a tenth of all the work that a click makes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import ModuleType
from typing import Any

__all__ = ["read_once", "read_theme_once", "send_at_once", "without_delay"]


def without_delay(bind: Callable[..., socket.socket]) -> Callable[..., socket.socket]:
    """Wrap ``bind``, which gives a bound socket, so that its connections send at once."""

    def bound(*arguments: Any, **settings: Any) -> socket.socket:
        made = bind(*arguments, **settings)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    return bound


def send_at_once() -> bool:
    """Make Streamlit's server send small messages at once; False where it binds another way."""
    from streamlit.web.server.starlette import starlette_server

    return _wrap(starlette_server, "_bind_socket", without_delay)


def read_once(fill: Callable[[Any, str], None]) -> Callable[..., None]:
    """Wrap ``fill``, which writes a section of the theme into a message, to remember what it wrote.

    Settings do not change while the server runs.
    """
    written: dict[str, bytes] = {}

    def filled(message: Any, section: str = "theme") -> None:
        if section not in written:
            fresh = type(message)()
            fill(fresh, section)
            written[section] = fresh.SerializeToString()
        if written[section]:
            message.MergeFromString(written[section])

    return filled


def read_theme_once() -> bool:
    """Make Streamlit's server remember its theme; False where it reads it another way."""
    from streamlit.runtime import app_session

    return _wrap(app_session, "_populate_theme_msg", read_once)


def _wrap(module: ModuleType, name: str, wrapper: Callable[[Any], Any]) -> bool:
    """Put ``wrapper`` around a function of Streamlit; False where there is none of that name."""
    found = getattr(module, name, None)
    if found is None:
        return False
    setattr(module, name, wrapper(found))
    return True
