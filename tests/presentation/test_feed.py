"""The Atom feed against the rules of RFC 4287, also where the texts are hostile."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from lxml import etree

from ipt_evidence.exchange.feed import atom_feed, versions_of
from ipt_evidence.living.changes import CHANGES_FILE, Entry, entries

ATOM = {"a": "http://www.w3.org/2005/Atom"}
ROOT = "https://example.org/"


def checked(versions: tuple[Entry, ...]) -> etree._Element:
    """The feed, after the rules that a validator of feeds applies."""
    feed = etree.fromstring(atom_feed(versions, ROOT).encode())
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    for holder in (feed, *feed.findall("a:entry", ATOM)):
        # 4.1.1, 4.1.2: exactly one id, title and updated; an address of this very document.
        for name in ("id", "title", "updated"):
            assert len(holder.findall(f"a:{name}", ATOM)) == 1, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", holder.findtext("a:id", "", ATOM))
        moment = datetime.fromisoformat(holder.findtext("a:updated", "", ATOM))
        assert moment.tzinfo is not None  # RFC 3339
        for link in holder.findall("a:link", ATOM):
            assert link.get("href", "").startswith(ROOT)
    assert len(feed.findall("a:author/a:name", ATOM)) == 1  # 4.1.1: of the feed or of each entry
    assert [one.get("rel") for one in feed.findall("a:link", ATOM)] == ["self", "alternate"]
    ids = [one.text for one in feed.findall("a:entry/a:id", ATOM)]
    assert len(ids) == len(set(ids))
    for entry in feed.findall("a:entry", ATOM):
        [content] = entry.findall("a:content", ATOM)
        assert content.get("type") == "html" and not len(content)  # 3.1.1.2: escaped, no children
        # 4.1.2: an entry's alternate links differ by type or language
        assert len(entry.findall("a:link", ATOM)) == 1
    return feed


def test_every_version_of_changes_is_an_entry(data_copy: Path) -> None:
    versions = versions_of(data_copy)
    headings = re.findall(r"^## (\S+)", (data_copy / CHANGES_FILE).read_text("utf-8"), re.M)
    assert [one.name for one in versions] == headings
    feed = checked(versions)
    titles = [one.text or "" for one in feed.findall("a:entry/a:title", ATOM)]
    assert len(titles) == len(headings)
    moved = next(one for one in versions if one.moved)
    content = feed.findall("a:entry/a:content", ATOM)[versions.index(moved)].text or ""
    shown = etree.HTML(content)
    assert [item.text for item in shown.iter("li")] == list(moved.moved)
    assert (shown.findtext(".//p") or "") == moved.because
    (data_copy / CHANGES_FILE).unlink()
    assert versions_of(data_copy) == ()


def test_an_entry_is_read_as_it_is_written() -> None:
    text = (
        "# Heading\n\n## 26.2.0 (2026-02-03)\n\nBecause.\n\nAnswers that moved:\n\n- One\n- Two\n\n"
        "Studies added: a, b.\n\n## 26.1.0 (2026-01-02)\n\nThe first.\n"
    )
    assert entries(text) == (
        Entry("26.2.0", "2026-02-03", "Because.", ("One", "Two"), ("Studies added: a, b.",)),
        Entry("26.1.0", "2026-01-02", "The first."),
    )


def test_hostile_texts_stay_texts() -> None:
    evil = "<script>alert(1)</script> & ]]> \x00\x0b\ud800 " + "x" * 9000
    feed = checked((Entry("26.1.0", "2026-01-02", evil, (evil,), (evil,)),))
    content = feed.findtext("a:entry/a:content", "", ATOM)
    assert "<script" not in content and not list(etree.HTML(content).iter("script"))
    assert len(content) < 10_000
    assert "\x00" not in (feed.findtext("a:entry/a:summary", "", ATOM) or "")
