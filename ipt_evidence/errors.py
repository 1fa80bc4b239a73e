"""Everything that this package refuses to do, as a tree.

    EvidenceError         anything a user can mend; the command line prints it and exits with 1
    ├── DataError         the evidence base: a folder, file, column or value is missing or wrong
    ├── QuestionError     a condition, comparison or source that the evidence base does not know
    ├── CitationError     a bibliography cannot be opened or decoded at all
    ├── EffectSizeError   inputs from which no effect size can be computed
    ├── PoolingError      effects that cannot be pooled
    └── ServiceError      a service such as PubMed gave no usable answer

A single bad record never raises: it is handed back as a rejected or quarantined row with reason.
These errors are for what makes the whole request impossible.
"""

from __future__ import annotations

__all__ = [
    "CitationError",
    "DataError",
    "EffectSizeError",
    "EvidenceError",
    "PoolingError",
    "QuestionError",
    "ServiceError",
]


class EvidenceError(Exception):
    """A request that cannot be met; the message says what is wrong, where, and what to do."""


class DataError(EvidenceError):
    """The evidence base is missing, unreadable or not of the documented shape."""


class QuestionError(EvidenceError):
    """A question about something that the evidence base does not know; names what it knows."""


class CitationError(EvidenceError):
    """A bibliography file cannot be opened, is too large, or is not text."""


class EffectSizeError(EvidenceError):
    """Inputs from which no effect size can be computed, with the offending rows."""


class PoolingError(EvidenceError):
    """Effects that cannot be pooled, with the offending rows."""


class ServiceError(EvidenceError):
    """A service that completes records gave no usable answer, or cannot be asked as set up."""
