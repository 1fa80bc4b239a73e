"""The cache of results: what is kept, for how long, and who shares it."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from threading import Barrier, Thread

import numpy as np
import pandas as pd
import pytest

from ipt_evidence import EvidenceBase, cache
from ipt_evidence.cache import cached, cached_large


def test_a_result_is_made_once_for_each_object_and_arguments() -> None:
    made: list[str] = []

    @cached
    def note(frame: pd.DataFrame, name: str, loud: bool = False) -> str:
        made.append(name)
        return name.upper() if loud else name

    first, second = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})
    assert not note.holds(first, "x")
    for frame, name in ((first, "x"), (first, "x"), (second, "x"), (first, "y")):
        assert note(frame, name) == name
    assert made == ["x", "x", "y"]
    assert note.holds(first, "x")
    assert note(first, "x", loud=True) == "X"
    assert note(first, loud=False, name="x") == "x"
    assert made == ["x", "x", "y", "x"]
    with pytest.raises(TypeError, match="volume"):
        note(first, "x", volume=2)


def test_two_functions_of_one_name_keep_their_own_results() -> None:
    def first() -> object:
        @cached
        def size(frame: pd.DataFrame) -> int:
            return len(frame)

        return size

    def second() -> object:
        @cached
        def size(frame: pd.DataFrame) -> int:
            return -len(frame)

        return size

    frame = pd.DataFrame({"a": [1, 2]})
    assert first()(frame) == 2
    assert second()(frame) == -2


def test_what_was_used_last_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(cache, "LIMIT", 2)
    frame, made = pd.DataFrame(), []

    @cached
    def upper(_: pd.DataFrame, text: str) -> str:
        made.append(text)
        return text.upper()

    assert [upper(frame, text) for text in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]  # c pushed out b, which was asked for longer ago than a
    cache.clear()
    assert upper(frame, "a") == "A"
    assert made[-1] == "a"


def test_results_are_forgotten_with_their_object() -> None:
    frame = pd.DataFrame({"a": [1]})

    @cached
    def size(frame: pd.DataFrame) -> int:
        return len(frame)

    size(frame)
    number = id(frame)
    assert any(key[0] == number for key in cache._results)
    del frame
    gc.collect()
    assert not any(key[0] == number for key in cache._results)


def test_an_object_may_go_while_the_results_are_looked_up() -> None:
    """Comparing two keys may run a finaliser, and that must not change the results just then."""
    owners: list[pd.DataFrame] = []

    @dataclass(frozen=True)
    class Choice:
        name: str

        def __hash__(self) -> int:
            return 1  # every key is compared with every other

        def __eq__(self, other: object) -> bool:
            if owners:
                owners.pop()
            return isinstance(other, Choice) and other.name == self.name

    @cached
    def words(_: pd.DataFrame, choice: Choice) -> str:
        return choice.name

    cache.clear()
    stays = pd.DataFrame()
    for run in range(200):
        for name in "abc":
            owner = pd.DataFrame()
            assert words(owner, Choice(name)) == name
            owners.append(owner)
            del owner
        assert words(stays, Choice(str(run))) == str(run)
    owners.clear()
    assert words(stays, Choice("last")) == "last"
    assert {key[0] for key in cache._results} == {id(stays)}


def test_two_threads_get_the_same_object() -> None:
    frame, together, got = pd.DataFrame(), Barrier(2, timeout=10), []

    @cached
    def make(_: pd.DataFrame) -> object:
        together.wait()  # both are making it at the same moment
        return object()

    threads = [Thread(target=lambda: got.append(make(frame))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got[0] is got[1]


def test_records_of_the_base_cannot_be_changed_from_outside(base: EvidenceBase) -> None:
    key = base.references["key"].iloc[0]
    record = base.reference(key)
    record["title"] = "Another"
    assert base.reference(key)["title"] == base.references["title"].iloc[0]
    assert base.reference("nobody2030") is None


def test_of_large_results_only_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LARGE", 2)
    frame = pd.DataFrame()

    @cached_large
    def many(_: pd.DataFrame, size: int) -> list[int]:
        return list(range(size))

    @cached
    def few(_: pd.DataFrame, size: int) -> int:
        return size

    assert few(frame, 1) == 1
    for size in (1, 2, 1, 3):
        assert len(many(frame, size)) == size
    assert [many.holds(frame, size) for size in (1, 2, 3)] == [True, False, True]
    assert few.holds(frame, 1)


def test_large_results_have_a_budget_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "BUDGET", 8_000)
    frame = pd.DataFrame()

    @dataclass(frozen=True)
    class Drawn:
        values: tuple[np.ndarray, ...]

    @cached_large
    def drawn(_: pd.DataFrame, size: int, seed: int) -> Drawn:
        return Drawn((np.zeros(size), np.zeros(size)))

    for seed in range(4):
        drawn(frame, 200, seed)  # 3,200 bytes each
    assert [drawn.holds(frame, 200, seed) for seed in range(4)] == [False, False, True, True]
    drawn(frame, 5_000, 0)  # more than all: kept, alone
    assert drawn.holds(frame, 5_000, 0)
    assert not any(drawn.holds(frame, 200, seed) for seed in range(4))
