"""Results that cost time are made once for all sessions."""

from __future__ import annotations

from threading import Barrier, Thread

from ipt_evidence import EvidenceBase
from ipt_evidence.dashboard import session
from ipt_evidence.dashboard.memory import Memory


def test_what_was_asked_for_last_is_kept() -> None:
    memory, made = Memory(2), []

    def ask(key: str) -> str:
        return memory.recall(key, lambda: made.append(key) or key.upper())

    assert [ask(key) for key in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]  # c pushed out b, which was asked for longer ago than a
    memory.clear()
    ask("a")
    assert made[-1] == "a"


def test_two_threads_get_the_same_object() -> None:
    memory, together, got = Memory(2), Barrier(2, timeout=10), []

    def make() -> object:
        together.wait()  # both are making it at the same moment
        return object()

    threads = [Thread(target=lambda: got.append(memory.recall("x", make))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] is got[1]


def _titles(base: EvidenceBase, condition: str, *, loud: bool) -> list[str]:
    label = base.taxonomy.condition(condition).label
    return [label.upper() if loud else label]


def test_a_page_recalls_by_everything_it_asks_with() -> None:
    first = session.recall(_titles, "depression", loud=False)
    assert session.recall(_titles, "depression", loud=False) is first
    assert session.recall(_titles, "depression", loud=True) == ["DEPRESSION"]
    assert session.recall(_titles, "panic", loud=False) != first
