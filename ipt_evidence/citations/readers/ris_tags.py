"""RIS as a table: reference types and the tags of the standard."""

from __future__ import annotations

__all__ = [
    "AUTHORS",
    "EDITORS",
    "JOURNALS",
    "NOTES",
    "RIS_TYPES",
    "STANDARD_TAGS",
    "TITLES",
]

AUTHORS = ("AU", "A1")
EDITORS = ("A2", "ED", "A3")
TITLES = ("TI", "T1", "CT", "BT", "ST")
JOURNALS = ("JF", "JO", "T2", "BT", "JA", "J2", "J1", "T3")
NOTES = ("TI", "T1", "N1", "AN", "ID", "M1", "M3", "U1", "U2", "C1", "C4", "C5", "N2", "UR")

RIS_TYPES = {
    "JOUR": "article",
    "JFULL": "article",
    "EJOUR": "article",
    "MGZN": "article",
    "NEWS": "article",
    "INPR": "article",
    "ABST": "article",
    "ICOMM": "misc",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "collection",
    "CHAP": "incollection",
    "ECHAP": "incollection",
    "ENCYC": "inreference",
    "DICT": "inreference",
    "CONF": "proceedings",
    "CPAPER": "inproceedings",
    "THES": "phdthesis",
    "RPRT": "techreport",
    "GOVDOC": "techreport",
    "STAND": "techreport",
    "UNPB": "unpublished",
    "MANSCPT": "unpublished",
    "PAMP": "booklet",
    "PAT": "patent",
    "DATA": "dataset",
    "COMP": "software",
    "ELEC": "online",
    "BLOG": "online",
    "WEB": "online",
    "JOURNAL ARTICLE": "article",
}
STANDARD_TAGS = frozenset(
    "TY AU A1 A2 A3 A4 AB AD AN AV C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ER ET "
    "ID IS J1 J2 JA JF JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN SP "
    "ST T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL VO Y1 Y2 BT JN PM PMID".split()
)
