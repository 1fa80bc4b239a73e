"""Records that look like copies and are not."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.exports.databases import Row, base_row

__all__ = ["LOOKALIKES", "on_the_same_page", "presented"]

MEETINGS = (
    ("European Neuropsychopharmacology", "S"),
    ("Biological Psychiatry", "S"),
    ("Value in Health", "A"),
    ("Annals of Neurology", "S"),
    ("Circulation", "A"),
    ("Diabetologia", "S"),
)


def _abstract_at_meeting(work: Row, chance: random.Random) -> Row:
    journal, letter = chance.choice(MEETINGS)
    row = base_row(work)
    number = chance.randrange(1, 900)
    row.update(
        journal=journal,
        year=str(work["year"] - chance.choice((0, 1, 1, 2))),
        volume=str(chance.randrange(1, 90)),
        number="SUPPL. 1",
        pages=chance.choice((f"{letter}{number}", f"{letter}{number}-{letter}{number + 1}", "")),
        doi=f"10.1016/s0924-977x({chance.randrange(10**9)})" if chance.random() < 0.5 else "",
        abstract="",
        isbn="",
    )
    return row


def _notice(words: str) -> Callable[[Row, random.Random], Row]:
    def build(work: Row, chance: random.Random) -> Row:
        row = base_row(work)
        row.update(title=words.format(**work), abstract="", doi="", number="")
        row.update(pages=str(chance.randrange(900, 999)))
        if chance.random() < 0.3:
            row["author"] = []
        return row

    return build


def _reply(words: str) -> Callable[[Row, random.Random], Row]:
    def build(work: Row, chance: random.Random) -> Row:
        row = _notice(words)(work, chance)
        row["author"] = chance.choice((row["author"][:1], ["Critic, A. B."]))
        row["year"] = str(work["year"] + chance.choice((0, 1)))
        row["volume"] = str(chance.randrange(1, 90))
        return row

    return build


def _later(words: str) -> Callable[[Row, random.Random], Row]:
    def build(work: Row, chance: random.Random) -> Row:
        row = base_row(work)
        first = chance.randrange(1, 2000)
        row.update(title=words.format(**work), doi="", pages=f"{first}-{first + 8}", abstract="")
        later = chance.choice((0, 0, 1, 2))
        row["year"] = str(work["year"] + later)
        if later and row["volume"].isdigit():
            row["volume"] = str(int(row["volume"]) + later)
        row["number"] = str(chance.randrange(1, 13))
        return row

    return build


def _another_word(work: Row, chance: random.Random) -> Row:
    """A companion paper: one telling word of the title is another one."""
    row = _later("{title}")(work, chance)
    words = row["title"].split()
    places = [n for n, word in enumerate(words) if len(word) > 5]
    others = "women adolescents hypertension bipolar placebo mortality stroke Uganda".split()
    words[chance.choice(places or [0])] = chance.choice([w for w in others if w not in words])
    row["title"] = " ".join(words)
    return row


def on_the_same_page(work: Row, chance: random.Random) -> Row:
    """The next abstract of the same group, which the supplement prints on the same page."""
    row = _another_word(work, chance)
    row.update(year=str(work["year"]), volume=work["volume"], number=base_row(work)["number"])
    row["pages"] = work["pages"]
    return row


def _same_title_elsewhere(work: Row, chance: random.Random) -> Row:
    row = _later("{title}")(work, chance)
    row.update(journal="Praxis der Kinderpsychologie", isbn="", volume=str(chance.randrange(1, 90)))
    row["year"] = str(work["year"] + chance.choice((2, 3, 5)))
    return row


def presented(work: Row, chance: random.Random) -> Row:
    """``work`` as a conference abstract: a supplement, one page, no DOI."""
    journal, letter = chance.choice(MEETINGS)
    return {
        **work,
        "container_title": journal,
        "volume": str(chance.randrange(1, 90)),
        "issue": chance.choice(("SUPPL. 1", "4", "")),
        "pages": f"{letter}{chance.randrange(1, 900)}",
        "doi": None,
        "pmid": None,
        "issn": None,
    }


LOOKALIKES: dict[str, Callable[[Row, random.Random], Row]] = {
    "conference abstract": _abstract_at_meeting,
    "erratum": _notice("Erratum: {title}"),
    "correction": _notice("Correction to: {title}"),
    "erratum of WoS": _notice("{title} (vol {volume}, pg 12, {year})"),
    "reply": _reply("Reply to: {title}"),
    "comment": _reply("Comment on '{title}'"),
    "reply, unnamed": _reply("{title} - Reply"),
    "part two": _later("{title}: Part II"),
    "follow-up": _later("{title}: five-year follow-up"),
    "protocol": _later("{title}: study protocol"),
    "secondary analysis": _later("Predictors of outcome in {title}"),
    "another word": _another_word,
    "same title elsewhere": _same_title_elsewhere,
}
