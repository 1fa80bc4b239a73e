"""An Atom feed of the versions of the data and of the answers that they moved (RFC 4287).

It says what CHANGES.md says. Texts come from data: they go in as text, characters that XML does not
know are dropped, and what is long is cut.
"""

from __future__ import annotations

import html
import re
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET  # writes XML, reads none

from ipt_evidence.about import AUTHORS, PRODUCT, VERSION
from ipt_evidence.living.changes import CHANGES_FILE, Entry, entries
from ipt_evidence.wording.phrases import numbered

__all__ = ["FEED_PATH", "FEED_TYPE", "atom_feed", "versions_of"]

FEED_PATH = "/feed.xml"
FEED_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_MOST_ENTRIES, _MOST_LINES, _LONGEST = 50, 100, 2000  # a feed is read again and again
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "ipt-evidence data versions")


def versions_of(folder: Path) -> tuple[Entry, ...]:
    """The versions in CHANGES.md of the base in ``folder``, newest first; none without the file."""
    path = folder / CHANGES_FILE
    return entries(path.read_text(encoding="utf-8")) if path.exists() else ()


def atom_feed(versions: tuple[Entry, ...], address: str) -> str:
    """The feed as XML.

    Parameters
    ----------
    versions
        One or more, newest first, as `versions_of` gives them.
    address
        Where the explorer is reached, with a slash at its end: Atom wants whole addresses.
    """
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": "en"})
    _add(feed, "id", _NAMESPACE.urn)
    _add(feed, "title", f"{PRODUCT}: versions of the data and answers that moved")
    _add(feed, "updated", _moment(versions[0].date))
    _add(feed, "link", rel="self", type=FEED_TYPE, href=f"{address}{FEED_PATH[1:]}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{address}methods")
    _add(_add(feed, "author"), "name", AUTHORS)
    _add(feed, "generator", PRODUCT, version=VERSION)
    _add(feed, "rights", "CC BY 4.0")
    for one in versions[:_MOST_ENTRIES]:
        _entry(feed, one, address)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def _entry(feed: ET.Element, version: Entry, address: str) -> None:
    made = _add(feed, "entry")
    _add(made, "id", uuid.uuid5(_NAMESPACE, version.name).urn)
    moved = len(version.moved)
    what = f"{numbered(moved, 'answer')} moved" if moved else "no answer moved"
    _add(made, "title", f"Data version {version.name}: {what}")
    _add(made, "updated", _moment(version.date))
    _add(made, "published", _moment(version.date))
    _add(made, "link", rel="alternate", type="text/html", href=f"{address}methods")
    _add(made, "category", term="answers-moved" if moved else "data-version")
    _add(made, "summary", version.because)
    _add(made, "content", _content(version), type="html")


def _content(version: Entry) -> str:
    lines = [f"<p>{_escaped(version.because)}</p>"]
    if version.moved:
        items = "".join(f"<li>{_escaped(one)}</li>" for one in version.moved[:_MOST_LINES])
        lines.append(f"<p>Answers that moved:</p><ul>{items}</ul>")
    lines += [f"<p>{_escaped(one)}</p>" for one in version.rest[:_MOST_LINES]]
    return "".join(lines)


def _escaped(text: str) -> str:
    return html.escape(_cut(text))


def _cut(text: str) -> str:
    clean = _NOT_XML.sub("", text)
    return clean if len(clean) <= _LONGEST else f"{clean[: _LONGEST - 1]}…"


def _moment(date: str) -> str:
    """The beginning of a day in the form of RFC 3339; CHANGES.md knows days only."""
    return f"{date}T00:00:00Z"


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    if text:
        made.text = text if tag == "content" else _cut(text)
    return made
