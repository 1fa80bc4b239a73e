"""Which services are asked, under which address, how fast, and as whom.

Everything is a setting, because people sit behind proxies and mirrors: see `VARIABLES`. Nothing
about the reader is sent unless they set a contact address.

"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ipt_evidence.errors import ServiceError

__all__ = ["LOOKED_UP", "SERVICES", "Health", "Service", "Settings", "service_label"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its address, how often it may be asked, and how many ids at once.

    Rates are questions a second: without contact or key, with a contact address, with a key.
    They are at or below what the service documents, at the address beside each. ``records``: it
    knows publications, and is asked about our references; ``keyed``: it gives keys.
    """

    id: str
    label: str
    url: str
    rate: float
    rate_with_contact: float
    rate_with_key: float
    batch: int
    records: bool = True
    keyed: bool = True

    @property
    def variable(self) -> str:
        """Environment variable that holds another address for this service."""
        return f"IPT_EVIDENCE_{self.id.upper()}_URL"

    @property
    def key_variable(self) -> str:
        """Environment variable that holds the reader's key at this service."""
        return f"IPT_EVIDENCE_{self.id.upper()}_KEY"


SERVICES = {
    service.id: service
    for service in (
        Service(
            id="crossref",
            label="Crossref",
            url="https://api.crossref.org",
            rate=1.0,  # lists, from December 2025: 1 a second in the public pool
            rate_with_contact=3.0,  # and 3 in the polite pool, which a contact address opens
            rate_with_key=50.0,
            batch=50,  # longer filters make addresses that proxies refuse
            # https://www.crossref.org/documentation/retrieve-metadata/rest-api/
        ),
        Service(
            id="openalex",
            label="OpenAlex",
            url="https://api.openalex.org",
            rate=10.0,  # 100 are allowed; the day's allowance is what limits
            rate_with_contact=10.0,
            rate_with_key=10.0,
            batch=100,
            # https://developers.openalex.org/api-reference/authentication
        ),
        Service(
            id="pubmed",
            label="PubMed",
            url="https://eutils.ncbi.nlm.nih.gov/entrez/eutils",
            rate=3.0,
            rate_with_contact=3.0,
            rate_with_key=10.0,
            batch=200,
            # https://www.ncbi.nlm.nih.gov/books/NBK25497/
        ),
        Service(
            id="europe_pmc",
            label="Europe PMC",
            url="https://www.ebi.ac.uk/europepmc/webservices/rest",
            rate=5.0,  # no limit is documented: a modest one of our own
            rate_with_contact=5.0,
            rate_with_key=5.0,
            batch=25,
            # https://europepmc.org/RestfulWebService
        ),
        Service(
            id="clinical_trials",
            label="ClinicalTrials.gov",
            url="https://clinicaltrials.gov/api/v2",
            rate=0.8,  # no limit is documented; below the 50 a minute that users report
            rate_with_contact=0.8,
            rate_with_key=0.8,
            batch=1,
            records=False,
            keyed=False,
            # https://clinicaltrials.gov/data-api/api
        ),
        Service(
            id="unpaywall",
            label="Unpaywall",
            url="https://api.unpaywall.org/v2",
            rate=1.0,  # 100,000 a day
            rate_with_contact=1.0,
            rate_with_key=1.0,
            batch=1,
            records=False,
            keyed=False,
            # https://unpaywall.org/products/api
        ),
    )
}


def service_label(name: str) -> str:
    """What readers call a service; a name that is none, as an old log may hold, stays as it is."""
    return SERVICES[name].label if name in SERVICES else name


LOOKED_UP = tuple(name for name, service in SERVICES.items() if service.records)
"""Services that are asked about our references."""

VARIABLES = {
    **{service.variable: f"address of {service.label}" for service in SERVICES.values()},
    **{
        service.key_variable: f"your key at {service.label}"
        for service in SERVICES.values()
        if service.keyed
    },
    "IPT_EVIDENCE_CONTACT": "an e-mail address for the User-Agent; services answer it faster",
    "IPT_EVIDENCE_CACHE": "folder for replies; without it the user's cache folder",
    "IPT_EVIDENCE_CACHE_DAYS": "days after which a reply is asked for again (default 30)",
}
"""Environment variables that are read, and what each holds."""


@dataclass(frozen=True, slots=True)
class Settings:
    """As whom, where and how patiently the services are asked.

    ``urls`` and ``keys`` go by the service's id. ``timeout`` is for connecting and for each wait
    on the wire, ``deadline`` for a whole reply; both in seconds. ``max_bytes`` bounds a reply
    after unpacking.
    """

    urls: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    contact: str = ""
    cache_folder: Path | None = None
    cache_days: float = 30.0
    timeout: float = 20.0
    deadline: float = 90.0
    attempts: int = 4
    longest_wait: float = 120.0
    max_bytes: int = 8 * 1024 * 1024  # a page of 100 full OpenAlex works is under 4 MB

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from `VARIABLES`.

        Raises
        ------
        ServiceError
            When an address, the contact or the number of days cannot be used.
        """
        env = os.environ if environment is None else environment
        urls = {s.id: _address(env[s.variable], s.variable) for s in _named(env, "variable")}
        keys = {s.id: env[s.key_variable].strip() for s in _named(env, "key_variable")}
        folder = env.get("IPT_EVIDENCE_CACHE", "").strip()
        return cls(
            urls=urls,
            keys=keys,
            contact=_contact(env.get("IPT_EVIDENCE_CONTACT", "")),
            cache_folder=Path(folder) if folder else None,
            cache_days=_days(env.get("IPT_EVIDENCE_CACHE_DAYS", "30")),
        )

    def url(self, service: str) -> str:
        """Address of ``service``, without a slash at its end."""
        return (self.urls.get(service) or SERVICES[service].url).rstrip("/")

    def rate(self, service: str) -> float:
        """Questions a second that ``service`` may be asked."""
        known = SERVICES[service]
        if self.keys.get(service):
            return known.rate_with_key
        return known.rate_with_contact if self.contact else known.rate

    def folder(self) -> Path:
        """Where replies and progress are kept; it is made when it is first needed."""
        if self.cache_folder is not None:
            return self.cache_folder
        from platformdirs import user_cache_path

        return user_cache_path("ipt-evidence")


def _named(env: Mapping[str, str], which: str) -> list[Service]:
    return [s for s in SERVICES.values() if env.get(getattr(s, which), "").strip()]


def _address(text: str, variable: str) -> str:
    """An address that may be asked: https, or http for a proxy or mirror of the reader's own."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ServiceError(f"{variable} is {text!r}. Give an address like https://host/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ServiceError(f"{variable}: leave name, password, ? and # out of the address")
    return text.strip()


def _contact(text: str) -> str:
    text = text.strip()
    if text and (text.count("@") != 1 or any(sign.isspace() or sign in "<>()" for sign in text)):
        raise ServiceError(f"IPT_EVIDENCE_CONTACT is {text!r}. Give one e-mail address, or none")
    return text


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 3650:
        raise ServiceError(f"IPT_EVIDENCE_CACHE_DAYS is {text!r}. Give a number from 0 to 3650")
    return days


@dataclass(slots=True)
class Health:
    """What became of the questions to one service.

    Counted are records and searches, not HTTP requests: a batch of 100 DOIs that fails counts 100.
    ``asked == answered + empty + failed`` always. ``requests`` is how often the wire was used,
    ``from_cache`` how many replies were still fresh on disk, ``retried`` how often a request was
    made again. ``left_alone`` says why the service is not asked any more, and what to do.
    """

    service: str
    asked: int = 0
    answered: int = 0
    empty: int = 0
    failed: int = 0
    requests: int = 0
    from_cache: int = 0
    retried: int = 0
    left_alone: str = ""
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        """Whether it was asked and gave no answer at all."""
        return self.asked > 0 and self.asked == self.failed

    def answer(self, found: int, asked: int) -> None:
        """``asked`` records were asked for and ``found`` of them are known to the service."""
        self.asked += asked
        self.answered += min(found, asked)
        self.empty += max(0, asked - found)

    def fail(self, error: ServiceError, asked: int = 1) -> None:
        """``asked`` records got no answer, because of ``error``."""
        self.asked += asked
        self.failed += asked
        name = type(error).__name__
        self.reasons[name] += asked
        self.examples.setdefault(name, str(error))

    def line(self) -> str:
        """``Crossref: 10 asked, 8 answered, 1 empty, 1 failed (Unavailable: 1)``."""
        label = SERVICES[self.service].label
        text = (
            f"{label}: {self.asked:,} asked, {self.answered:,} answered, {self.empty:,} empty, "
            f"{self.failed:,} failed"
        )
        if self.reasons:
            why = ", ".join(f"{name}: {count:,}" for name, count in self.reasons.most_common())
            text += f" ({why})"
        return text

    def to_dict(self) -> dict[str, object]:
        """Plain values, as a run's log keeps them."""
        return {
            "service": self.service,
            "asked": self.asked,
            "answered": self.answered,
            "empty": self.empty,
            "failed": self.failed,
            "left_alone": self.left_alone,
            "reasons": dict(self.reasons),
            "examples": dict(self.examples),
        }
