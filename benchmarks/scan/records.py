"""Generated corpora: works of OpenAlex as JSON lines, articles of PubMed as XML.

Field lengths are those of the real ones: titles of 13 words, abstracts of 190 in six works of ten,
four authors with affiliations, twenty references. One in 2,000 is about IPT, one in 200 says
"interpersonal" or has an accent or an entity in a word of its title. Each file repeats a few
thousand works under new numbers: writing them must not take longer than reading them.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import orjson

__all__ = ["Words", "write_lines", "write_pubmed"]

_DISTINCT = 4_000
_NUMBER = b"7070707070"
_COMMON = (
    "the of and in to a for with was were on by that is as from at this study results patients "
    "analysis effect between using method data description treatment high group response years "
    "significant increased expression model cells clinical based system structure temperature "
    "protein equipment soil surface energy network disease control patients quality time review"
).split()
_NAMES = (
    "Müller García Núñez Smith Jones Wang Li Zhang Kim Patel Ivanova Novák Okafor Rossi".split()
)
_IPT = "Interpersonal psychotherapy for depressed adolescents: a randomized controlled trial"


class Words:
    """Words as frequent as in English: few common ones, many rare ones."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        letters = "etaoinshrdlcumwfgypbvkxjqz"
        self.rare = [
            "".join(self.chance.choices(letters, range(26, 0, -1), k=self.chance.randrange(4, 12)))
            for _ in range(20_000)
        ]

    def words(self, count: int) -> list[str]:
        """``count`` words, more than half of them common."""
        chance = self.chance
        some = (_COMMON if chance.random() < 0.55 else self.rare for _ in range(count))
        return [chance.choice(kind) for kind in some]

    def title(self, number: int) -> str:
        """A title; every 2,000th is about IPT, every 200th comes near it."""
        if number % 2_000 == 7:
            return _IPT
        words = self.words(max(4, int(self.chance.gauss(13, 4))))
        if number % 200 == 3:
            words[2] = "interpersonal"
        elif number % 200 == 5:
            words[1] = "thérapie"
        return " ".join(words).capitalize()

    def abstract(self) -> list[str]:
        """An abstract, or none."""
        if self.chance.random() < 0.4:
            return []
        return self.words(min(450, max(40, int(self.chance.gauss(190, 70)))))


def _work(number: int, text: Words) -> bytes:
    chance = text.chance
    index: dict[str, list[int]] = {}
    for place, word in enumerate(text.abstract()):
        index.setdefault(word, []).append(place)
    authors = [
        {
            "author_position": "middle",
            "author": {
                "id": f"https://openalex.org/A{chance.randrange(10**10)}",
                "display_name": f"{chance.choice(text.rare).title()} {chance.choice(_NAMES)}",
                "orcid": None,
            },
            "raw_affiliation_strings": [" ".join(text.words(12))],
        }
        for _ in range(chance.randrange(1, 8))
    ]
    place = {
        "id": "https://openalex.org/S1",
        "display_name": " ".join(text.words(4)),
        "issn_l": None,
    }
    work: dict[str, Any] = {
        "id": f"https://openalex.org/W{_NUMBER.decode()}",
        "doi": f"https://doi.org/10.1000/{_NUMBER.decode()}",
        "title": text.title(number),
        "publication_year": chance.randrange(1970, 2026),
        "type": "article",
        "language": "en",
        "primary_location": {"source": place},
        "authorships": authors,
        "biblio": {"volume": "12", "issue": "3", "first_page": "101", "last_page": "110"},
        "concepts": [
            {"id": "https://openalex.org/C1", "display_name": word, "level": 1, "score": 0.5}
            for word in text.words(6)
        ],
        "referenced_works": [
            f"https://openalex.org/W{chance.randrange(10**10)}" for _ in range(chance.randrange(40))
        ],
        "abstract_inverted_index": index or None,
    }
    return orjson.dumps(work)


def _article(number: int, text: Words) -> bytes:
    chance = text.chance
    people = "".join(
        f"<Author ValidYN='Y'><LastName>{chance.choice(_NAMES)}</LastName>"
        f"<ForeName>Ada B</ForeName><Initials>AB</Initials><AffiliationInfo>"
        f"<Affiliation>{' '.join(text.words(15))}"
        "</Affiliation></AffiliationInfo></Author>"
        for _ in range(chance.randrange(1, 8))
    )
    headings = "".join(
        f"<MeshHeading><DescriptorName UI='D000001' MajorTopicYN='N'>{word}</DescriptorName>"
        "</MeshHeading>"
        for word in text.words(9)
    )
    abstract = escape(" ".join(text.abstract()))
    cited = "".join(
        f"<Reference><Citation>{' '.join(text.words(14))}</Citation><ArticleIdList><ArticleId "
        f"IdType='pubmed'>{chance.randrange(10**8)}</ArticleId></ArticleIdList></Reference>"
        for _ in range(chance.randrange(24))
    )
    return (
        '<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">'
        f"{_NUMBER.decode()[2:]}</PMID><DateRevised><Year>2024</Year></DateRevised><Article>"
        f"<Journal><JournalIssue><PubDate><Year>{chance.randrange(1970, 2026)}</Year></PubDate>"
        f"</JournalIssue><Title>{' '.join(text.words(4))}</Title></Journal><ArticleTitle>"
        f"{escape(text.title(number))}</ArticleTitle><Abstract><AbstractText>{abstract}"
        f"</AbstractText></Abstract><AuthorList CompleteYN='Y'>{people}</AuthorList></Article>"
        f"<MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation><PubmedData>"
        f"<ReferenceList>{cited}</ReferenceList></PubmedData></PubmedArticle>"
    ).encode()


def _written(
    folder: Path, size: int, each: int, name: str, make: Callable[[int, Words], bytes],
    head: bytes, end: bytes,
) -> None:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    text = Words(20240501)
    distinct = [make(number, text) for number in range(_DISTINCT)]
    mark = _NUMBER[2:] if make is _article else _NUMBER
    for part in range(_pieces(size, each)):
        path = folder / name.format(part + 1)
        with gzip.open(path, "wb", 4) if path.suffix == ".gz" else path.open("wb") as file:
            file.write(head)
            for number in range(part * each, min(size, (part + 1) * each)):
                own = b"%0*d" % (len(mark), number + 1)
                file.write(distinct[number % _DISTINCT].replace(mark, own) + b"\n")
            file.write(end)


def _pieces(size: int, each: int) -> int:
    """How many pieces of ``each`` hold ``size``."""
    return -(-size // each)


def write_lines(folder: Path, size: int, *, each: int, packed: bool = False) -> None:
    """``size`` works as JSON lines, ``each`` a file."""
    _written(folder, size, each, "part_{:05d}" + (".gz" if packed else ".jsonl"), _work, b"", b"")


def write_pubmed(folder: Path, size: int, *, each: int) -> None:
    """``size`` articles as PubMed's XML in gzip, ``each`` a file."""
    head, end = b"<?xml version='1.0'?>\n<PubmedArticleSet>\n", b"</PubmedArticleSet>\n"
    _written(folder, size, each, "pubmed26n{:05d}.xml.gz", _article, head, end)
