"""Readers are served in turn, and nobody waits for somebody who takes long."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ipt_evidence.dashboard.turns import Turns

SOON = 20.0  # seconds that a test waits for what must happen


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_at_a_time_in_the_order_in_which_they_came() -> None:
    turns, served, inside = Turns(patience=SOON), [], []

    def reader(name: int) -> Callable[[], None]:
        def work() -> None:
            with turns.turn():
                inside.append(name)
                served.append((name, len(inside)))
                inside.remove(name)

        return work

    with turns.turn():
        threads = []
        for name in range(8):
            threads.append(started(reader(name)))
            while turns.waiting < name + 1:
                threads[-1].join(0.001)
        assert served == []
    for thread in threads:
        thread.join(SOON)
    assert served == [(name, 1) for name in range(8)]


def test_who_takes_long_lets_the_next_begin() -> None:
    turns, entered, done = Turns(patience=0.01), threading.Event(), threading.Event()

    def next_one() -> None:
        with turns.turn():
            entered.set()
            done.wait(SOON)

    with turns.turn():
        thread = started(next_one)
        assert entered.wait(SOON)
    # The first one's end does not take the second one's turn away.
    assert turns.waiting == 0
    done.set()
    thread.join(SOON)
    with turns.turn():
        pass


def test_an_error_gives_the_turn_on() -> None:
    turns = Turns(patience=SOON)
    with pytest.raises(ZeroDivisionError), turns.turn():
        _ = 1 / 0
    entered = threading.Event()

    def next_one() -> None:
        with turns.turn():
            entered.set()

    started(next_one)
    assert entered.wait(SOON)


def test_who_only_waits_ends_the_turn() -> None:
    turns, entered = Turns(patience=SOON), threading.Event()

    def next_one() -> None:
        with turns.turn():
            entered.set()

    with turns.turn():
        thread = started(next_one)
        while not turns.waiting:
            thread.join(0.001)
        assert not entered.is_set()
        turns.end()
        thread.join(SOON / 2)  # long before its patience ends
        assert entered.is_set()
        turns.end()  # a second time, and outside a turn: nothing to end
    turns.end()
    assert turns.waiting == 0
