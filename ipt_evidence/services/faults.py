"""Everything that a service can do wrong, by name, so that a report can count it.

    ServiceError                (in ipt_evidence.errors)
    ├── Unreachable             no connection: offline, proxy, wrong address
    ├── TimedOut                no answer, or an answer that drips
    ├── Refused                 the service says no: HTTP 400, 405, ...
    │   └── Unauthorised        HTTP 401, 402, 403: it wants a key, or another one
    ├── NotFound                HTTP 404: the service does not know it
    ├── RateLimited             HTTP 429 to the end, or a longer pause than we wait
    ├── Unavailable             HTTP 500, 502, 503, 504 to the end
    ├── CutOff                  the connection ended before the reply did
    ├── TooLarge                more bytes than a reply may have, packed or unpacked
    ├── ForeignRedirect         sent on to another host
    ├── WrongContent            not the kind of document that was asked for
    ├── Unreadable              broken JSON, XML, UTF-8 or compression
    ├── LeftAlone               not asked any more in this run, after questions in vain
    ├── ChangedShape            a well-formed reply that is not of the documented shape
    └── Cancelled               stopped by the reader

`NotFound` is an answer ("empty"), not a failure; the others are never taken for an answer.
"""

from __future__ import annotations

from ipt_evidence.errors import ServiceError

__all__ = [
    "Cancelled",
    "ChangedShape",
    "CutOff",
    "ForeignRedirect",
    "LeftAlone",
    "NotFound",
    "RateLimited",
    "Refused",
    "TimedOut",
    "TooLarge",
    "Unauthorised",
    "Unavailable",
    "Unreachable",
    "Unreadable",
    "WrongContent",
]


class Unreachable(ServiceError):
    """No connection to the service could be made."""


class TimedOut(ServiceError):
    """The service did not answer in time, or its reply drips."""


class Refused(ServiceError):
    """The service does not accept the question, the contact or the key."""


class Unauthorised(Refused):
    """The service wants a key, or does not accept the one that it was given."""


class LeftAlone(ServiceError):
    """The service was asked in vain several times and is not asked again in this run."""


class NotFound(ServiceError):
    """The service does not know what was asked for."""


class RateLimited(ServiceError):
    """The service asks for fewer questions, for longer than is worth waiting."""


class Unavailable(ServiceError):
    """The service has an error of its own, also after asking again."""


class CutOff(ServiceError):
    """The connection ended in the middle of the reply."""


class TooLarge(ServiceError):
    """The reply is larger than any honest one, packed or unpacked."""


class ForeignRedirect(ServiceError):
    """The service sends the question on to another host, to which it is not sent."""


class WrongContent(ServiceError):
    """The reply is another kind of document, such as the error page of a proxy."""


class Unreadable(ServiceError):
    """The reply is not well-formed JSON, XML, UTF-8 or compressed data."""


class ChangedShape(ServiceError):
    """The reply is well-formed, but not of the shape that the service documents."""


class Cancelled(ServiceError):
    """The reader stopped the run; what was answered before is kept."""
