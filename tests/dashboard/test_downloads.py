"""What is handed over is the file that was asked for, or a sentence that says why not."""

from __future__ import annotations

import pandas as pd
import pytest

from ipt_evidence.dashboard.components.downloads import (
    File,
    Item,
    Menu,
    Passages,
    answered,
    csv_file,
)
from ipt_evidence.errors import EvidenceError


def broken() -> bytes:
    raise EvidenceError("studies.csv, line 3: no such condition")


def nobody() -> bytes:
    raise AssertionError("an empty file is never written")


ITEMS: tuple[Item, ...] = (
    File("All", "all.zip", lambda: b"PK\0\1", "application/zip"),
    File("Broken", "broken.zip", broken, "application/zip"),
    File("Empty", "empty.csv", nobody, "text/csv", empty=True),
    Menu("Data", "table", (File("Trials", "trials.csv", lambda: b"yi\n", "text/csv"),)),
    Passages("Cite", "link", "citation", lambda: ("As text.", "@misc{}")),
)


def test_a_file_comes_with_its_name_and_the_ticket_of_the_click() -> None:
    said, content = answered(ITEMS, {"name": "all.zip", "ticket": "7"})
    assert said == {"ticket": "7", "name": "all.zip", "mime": "application/zip"}
    assert content == b"PK\0\1"


def test_files_in_a_drawer_and_texts_are_found() -> None:
    assert answered(ITEMS, {"name": "trials.csv", "ticket": "8"})[1] == b"yi\n"
    said, content = answered(ITEMS, {"name": "citation", "ticket": "9"})
    assert said == {"ticket": "9", "texts": ["As text.", "@misc{}"]}
    assert content == b""


@pytest.mark.parametrize("name", ["of-another-view.csv", "empty.csv", None])
def test_what_is_no_longer_offered_is_said(name: str | None) -> None:
    said, content = answered(ITEMS, {"name": name, "ticket": "10"})
    assert said == {"ticket": "10", "error": "The page has changed meanwhile. Press again."}
    assert content == b""


def test_a_fault_of_the_evidence_is_said_in_words() -> None:
    said, content = answered(ITEMS, {"name": "broken.zip", "ticket": "11"})
    assert said["error"] == "This could not be made: studies.csv, line 3: no such condition"
    assert content == b""


def test_a_table_is_written_when_asked_and_safe_for_spreadsheets() -> None:
    frame = pd.DataFrame({"title": ["=1+1"], "tags": [("a", "b")], "n": [None]})
    file = csv_file("Table", frame, "table.csv")
    assert file.write().decode() == "title,tags,n\n'=1+1,a;b,NA\n"
    assert csv_file("None", frame.iloc[:0], "none.csv").empty
