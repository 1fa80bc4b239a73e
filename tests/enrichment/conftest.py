"""A server that plays the four services, a clock that never waits, and a client for both."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from clocks import FakeTime
from service import Replay, serving

from ipt_evidence.services.client import Client
from ipt_evidence.services.settings import SERVICES, Settings


@pytest.fixture
def replay() -> Iterator[Replay]:
    with serving() as server:
        yield server


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def settings(replay: Replay, tmp_path: Path) -> Settings:
    """All four services at the local server, each under a path of its own."""
    return Settings(
        urls={name: f"{replay.url}/{name}" for name in SERVICES},
        cache_folder=tmp_path / "cache",
        timeout=5.0,
    )


@pytest.fixture
def client(settings: Settings, fake_time: FakeTime) -> Iterator[Client]:
    with Client(settings, clock=fake_time.clock()) as opened:
        yield opened


@pytest.fixture
def open_client(fake_time: FakeTime) -> Iterator[Callable[..., Client]]:
    """Clients with other settings, closed at the end."""
    opened: list[Client] = []

    def build(settings: Settings, **more: Any) -> Client:
        opened.append(Client(settings, clock=more.pop("clock", fake_time.clock()), **more))
        return opened[-1]

    yield build
    for each in opened:
        each.close()
