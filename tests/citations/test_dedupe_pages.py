"""Pages as databases and spreadsheets write them, as numbers to compare."""

from __future__ import annotations

import pytest

from ipt_evidence.citations.deduplication.features import parse_pages


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("18-Dec", 12, 18), ("Jan-45", 1, 45), ("05-Oct", 5, 10),
     ("573-579 7p", 573, 579), ("573-579. 7p.", 573, 579),
     ("ARTN e33123", 33123, None),
     ("Art. No.: 33123", 33123, None), ("article 12", 12, None),
     ("1234-45", 1234, 1245), ("1234-1245", 1234, 1245), ("e0187376", 187376, None),
     ("3-", 3, None), ("S12-S15", 12, 15), ("623-31; discussion 632", 623, 631)],
)  # fmt: skip
def test_pages_are_read_from_both_ways_of_writing(text: str, first: int, last: int | None) -> None:
    pages = parse_pages(text)
    assert pages is not None
    assert (pages.first, pages.last) == (first, last)


@pytest.mark.parametrize("text", ["", "12 pages", "7 p", "no pages", None])
def test_a_count_of_pages_is_not_a_place(text: str | None) -> None:
    assert parse_pages(text or "") is None
