"""What the server does for speed: nothing is held back, and nothing is made twice."""

from __future__ import annotations

import socket

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.dashboard import serving, session


def test_connections_of_the_server_send_small_messages_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from streamlit.web.server.starlette import starlette_server

    monkeypatch.setattr(starlette_server, "_bind_socket", starlette_server._bind_socket)
    assert serving.send_at_once()
    with starlette_server._bind_socket("127.0.0.1", 0, 1) as bound:
        bound.setblocking(True)
        bound.listen(1)
        with socket.create_connection(bound.getsockname()), bound.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_server_that_binds_another_way_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.web.server.starlette import starlette_server

    monkeypatch.delattr(starlette_server, "_bind_socket")
    assert not serving.send_at_once()


def _titles(base: EvidenceBase, condition: str, *, loud: bool) -> list[str]:
    label = base.taxonomy.condition(condition).label
    return [label.upper() if loud else label]


def test_a_page_recalls_by_everything_it_asks_with() -> None:
    first = session.recall(_titles, "depression", loud=False)
    assert session.recall(_titles, "depression", loud=False) is first
    assert session.recall(_titles, "depression", loud=True) == ["DEPRESSION"]
    assert session.recall(_titles, "panic", loud=False) != first


def test_the_theme_is_read_once_and_says_the_same() -> None:
    from streamlit import config
    from streamlit.proto.NewSession_pb2 import CustomThemeConfig
    from streamlit.runtime import app_session

    config.get_config_options(force_reparse=True)
    sections = ["theme", "theme.light", "theme.dark", "theme.sidebar", "theme.dark.sidebar"]
    read: list[str] = []

    def fill(message: CustomThemeConfig, section: str = "theme") -> None:
        read.append(section)
        app_session._populate_theme_msg(message, section)

    remembered = serving.read_once(fill)
    for _ in range(3):
        for section in sections:
            fresh, again = CustomThemeConfig(), CustomThemeConfig()
            app_session._populate_theme_msg(fresh, section)
            remembered(again, section)
            assert again == fresh
    assert read == sections


def test_the_installed_streamlit_reads_its_theme_where_we_expect_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from streamlit.runtime import app_session

    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    assert serving.read_theme_once()
