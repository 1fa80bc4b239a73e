"""A request to a service → a checked reply, from the cache where it is fresh.

A reply is of the requested kind (JSON or XML), well-formed UTF-8, from the host that was addressed,
and at most `Settings.max_bytes` long. Everything else is a `ServiceError` with a name.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests_cache import CachedSession
from urllib3.exceptions import ReadTimeoutError

from ipt_evidence.errors import ServiceError
from ipt_evidence.services import faults
from ipt_evidence.services.connection import BoundedAdapter, Clock, PatientRetry, RateLimiter
from ipt_evidence.services.settings import SERVICES, Health, Settings

__all__ = ["Client"]

MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_KINDS = {
    "json": ("application/json", "text/json", "text/javascript"),
    "xml": ("text/xml", "application/xml"),
}
GIVE_UP_AFTER = 3
"""Questions in a row that a service leaves without an answer before it is left alone."""
_IN_VAIN = (
    faults.RateLimited, faults.Unreachable, faults.TimedOut, faults.Unavailable, faults.CutOff,
    faults.WrongContent, faults.ForeignRedirect,
)  # fmt: skip
_REMEDIES: dict[type[ServiceError], str] = {
    faults.RateLimited: "Wait an hour or more before you run it again",
    faults.Unreachable: "Check the connection, and HTTPS_PROXY behind a proxy",
    faults.WrongContent: "Open its address in a browser: a proxy may want a login",
    faults.ForeignRedirect: "Open its address in a browser: a proxy may want a login",
}
_SECRET = ("api_key", "mailto", "email", "tool", "Crossref-Plus-API-Token", "User-Agent")
"""Never written to the cache."""
_AGENT = "ipt-evidence/0.1"


class Client:
    """Asks the services, politely, and keeps count of how they do.

    Parameters
    ----------
    settings : Settings
        Addresses, contact, keys, cache folder, bounds.
    clock : Clock
        How time passes and how to wait.
    cancelled : callable
        Asked before every question; when it says True, `Cancelled` is raised.

    A client is used by one thread and closed by `close`, or as a context manager.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.health = {name: Health(name) for name in SERVICES}
        self._cancelled = cancelled
        self._in_vain = dict.fromkeys(SERVICES, 0)
        self._session = self._open()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back connections and the cache file."""
        self._session.close()  # type: ignore[no-untyped-call]

    def json(self, service: str, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """The JSON object at ``path`` of ``service``; raises a `ServiceError` for anything else."""
        text, key = self._text(service, path, params, "json")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            self._forget(key)
            raise faults.Unreadable(
                f"{SERVICES[service].label} sent JSON that breaks off or is not valid"
            ) from error
        if not isinstance(document, dict):
            self._forget(key)
            raise faults.ChangedShape(f"{SERVICES[service].label} sent JSON that is no object")
        return document

    def xml(self, service: str, path: str, params: Mapping[str, str]) -> str:
        """The XML text at ``path`` of ``service``; it is not parsed here."""
        text, _ = self._text(service, path, params, "xml")
        return text

    def leave_alone(self, service: str, error: ServiceError) -> None:
        """Ask ``service`` nothing more in this run, because of ``error``; said in its health."""
        known = SERVICES[service]
        remedy = next((text for kind, text in _REMEDIES.items() if isinstance(error, kind)), "")
        if isinstance(error, faults.RateLimited):
            unset = [] if self.settings.contact else ["IPT_EVIDENCE_CONTACT"]
            unset += [known.key_variable] if not self.settings.keys.get(service) else []
            remedy += f"; setting {' or '.join(unset)} may raise the limit" if unset else ""
        elif not remedy and not isinstance(error, faults.Refused):
            remedy = "Try again later"
        text = f"{known.label} was left alone: {error}".rstrip(".")
        self.health[service].left_alone = f"{text}. {remedy}".rstrip(". ") + "."

    def _open(self) -> CachedSession:
        folder = self.settings.folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServiceError(
                f"{folder} cannot be made ({error.strerror}). Name another folder in "
                "IPT_EVIDENCE_CACHE"
            ) from error
        session = CachedSession(
            folder / "replies.sqlite",
            backend="sqlite",
            wal=True,
            fast_save=True,  # a reply that a crash loses is requested again
            expire_after=timedelta(days=self.settings.cache_days),
            allowable_codes=(200,),
            ignored_parameters=_SECRET,
            stale_if_error=False,  # an old reply must not pass for a new one
        )
        contact = f" (mailto:{self.settings.contact})" if self.settings.contact else ""
        session.headers["User-Agent"] = _AGENT + contact
        session.headers["Accept-Encoding"] = "gzip"
        for name in SERVICES:
            session.mount(self.settings.url(name), self._adapter(name))
        return session

    def _adapter(self, service: str) -> BoundedAdapter:
        label, health, settings = SERVICES[service].label, self.health[service], self.settings

        def counted() -> None:
            health.retried += 1
            self._stop_if_cancelled()

        retry = PatientRetry.build(
            settings.attempts,
            clock=self.clock,
            longest=settings.longest_wait,
            service=label,
            counted=counted,
        )
        return BoundedAdapter(
            retry,
            label=label,
            max_bytes=settings.max_bytes,
            deadline=settings.deadline,
            clock=self.clock,
            limiter=RateLimiter(settings.rate(service), self.clock),
        )

    def _text(
        self, service: str, path: str, params: Mapping[str, str], kind: str
    ) -> tuple[str, str]:
        """Text of the reply and its key in the cache; a service that is silent is left alone."""
        if self.health[service].left_alone:
            raise faults.LeftAlone(self.health[service].left_alone)
        try:
            found = self._reply(service, path, params, kind)
        except faults.Unauthorised as error:
            self.leave_alone(service, error)
            raise
        except _IN_VAIN as error:
            self._in_vain[service] += 1
            if self._in_vain[service] >= GIVE_UP_AFTER:
                self.leave_alone(service, error)
            raise
        self._in_vain[service] = 0
        return found

    def _reply(
        self, service: str, path: str, params: Mapping[str, str], kind: str
    ) -> tuple[str, str]:
        base = self.settings.url(service)
        url = f"{base}/{path.lstrip('/')}"
        query: Mapping[str, str] | None = {**params, **self._credentials(service)}
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(service, url, query)
            if response.status_code not in _REDIRECTS:
                return self._checked(service, response, kind)
            url = _followed(response, base, SERVICES[service].label)
            query = None  # the address we are sent to is complete
        raise faults.Refused(f"{SERVICES[service].label} redirects in circles")

    def _credentials(self, service: str) -> dict[str, str]:
        key, contact = self.settings.keys.get(service, ""), self.settings.contact
        if service == "openalex":
            return {"api_key": key} if key else {}
        if service == "pubmed":
            named = {"tool": "ipt-evidence", "email": contact} if contact else {}
            return named | ({"api_key": key} if key else {})
        if service == "unpaywall":
            return {"email": contact} if contact else {}
        if service == "crossref":
            return {"mailto": contact} if contact else {}
        return {}

    def _send(self, service: str, url: str, params: Mapping[str, str] | None) -> requests.Response:
        """One exchange, from the cache where it is fresh; a cut connection is tried once more."""
        for last in (False, True):
            try:
                return self._exchange(service, url, params)
            except faults.CutOff:
                if last:
                    raise
                self.health[service].retried += 1
        raise AssertionError("unreachable")

    def _exchange(
        self, service: str, url: str, params: Mapping[str, str] | None
    ) -> requests.Response:
        self._stop_if_cancelled()
        label, health = SERVICES[service].label, self.health[service]
        headers = {}
        if service == "crossref" and self.settings.keys.get(service):
            headers["Crossref-Plus-API-Token"] = f"Bearer {self.settings.keys[service]}"
        request = requests.Request("GET", url, params=params, headers=headers)
        prepared = self._session.prepare_request(request)
        # what the environment says about proxies and certificates holds here, too
        settings = self._session.merge_environment_settings(url, {}, None, None, None)
        try:
            response = self._session.send(
                prepared, timeout=self.settings.timeout, allow_redirects=False, **settings
            )
        except requests.Timeout as error:
            raise faults.TimedOut(f"{label} did not answer in time") from error
        except sqlite3.Error as error:
            raise ServiceError(
                f"{self.settings.folder() / 'replies.sqlite'} cannot be used ({error}). Delete it: "
                "it holds only copies"
            ) from error
        except (requests.RequestException, OSError) as error:
            if isinstance(getattr(next(iter(error.args), None), "reason", None), ReadTimeoutError):
                raise faults.TimedOut(f"{label} did not answer in time") from error
            raise faults.Unreachable(
                f"{label} cannot be reached at {urlsplit(url).netloc}. Are you online?"
            ) from error
        if getattr(response, "from_cache", False):
            health.from_cache += 1
        else:
            health.requests += 1
        return response

    def _checked(self, service: str, response: requests.Response, kind: str) -> tuple[str, str]:
        label, status = SERVICES[service].label, response.status_code
        if status != 200:
            raise _status_error(service, status, keyed=bool(self.settings.keys.get(service)))
        key = str(getattr(response, "cache_key", "") or "")
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if content_type not in _KINDS[kind] and not content_type.endswith(f"+{kind}"):
            self._forget(key)
            raise faults.WrongContent(
                f"{label} sent {content_type or 'a document of no kind'} where {kind.upper()} was "
                "asked for. A proxy or a login page may stand between"
            )
        try:
            return response.content.decode("utf-8"), key
        except UnicodeDecodeError as error:
            self._forget(key)
            raise faults.Unreadable(f"{label} sent text that is not UTF-8") from error

    def _forget(self, key: str) -> None:
        """Take a reply that cannot be used out of the cache, so that it is requested again."""
        if key:
            self._session.cache.delete(key)

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise faults.Cancelled("Stopped. What was answered so far is kept")


_KEYS = {
    "openalex": "OpenAlex gives next to nothing without a key since February 2026. A key is free: "
    "get one at https://openalex.org/settings/api and set IPT_EVIDENCE_OPENALEX_KEY"
}
"""What a service that wants a key says about it."""


def _status_error(service: str, status: int, *, keyed: bool) -> ServiceError:
    label = SERVICES[service].label
    wanted = f". {_KEYS[service]}" if service in _KEYS and not keyed else ""
    if status in (401, 402, 403):
        hint = wanted or f". Check {SERVICES[service].key_variable}" * keyed
        return faults.Unauthorised(f"{label} does not let us in (HTTP {status}){hint}")
    if status == 404:
        return faults.NotFound(f"{label} does not know it (HTTP 404)")
    if status == 429:
        return faults.RateLimited(f"{label} asks for fewer questions (HTTP 429){wanted}")
    if status >= 500:
        return faults.Unavailable(f"{label} has an error of its own (HTTP {status})")
    return faults.Refused(f"{label} does not accept the question (HTTP {status})")


def _followed(response: requests.Response, base: str, label: str) -> str:
    """Where a redirect leads, when that is the same host by the same or a safer way."""
    target = urljoin(response.url, response.headers.get("Location", ""))
    old, new = urlsplit(base), urlsplit(target)
    same = new.hostname == old.hostname and new.scheme in (old.scheme, "https")
    standard = {None, 80, 443} if old.port in (None, 80, 443) else {old.port}
    if not same or new.port not in standard or new.username:
        raise faults.ForeignRedirect(
            f"{label} sends us to {new.hostname or 'nowhere'}; only {old.hostname} is asked"
        )
    return target
