"""ClinicalTrials.gov: trials as they were registered, also those without a report yet.

Fields as documented at https://clinicaltrials.gov/data-api/about-api/study-data-structure; searches
at https://clinicaltrials.gov/data-api/api (version 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ipt_evidence.citations.normal_forms import reading_text
from ipt_evidence.services.client import Client
from ipt_evidence.services.faults import ChangedShape
from ipt_evidence.services.ranking import names_ipt
from ipt_evidence.services.works import inner, inner_list, objects, reply_list, text, texts, whole

__all__ = ["Registration", "parse_studies", "parse_study", "search"]

SERVICE = "clinical_trials"
_PAGE = 100
_FIELDS = "ProtocolSection|HasResults"
_CONTROL = re.compile(
    r"usual|\bTAU\b|\bTCU\b|wait|control|placebo|no (?:treatment|intervention)|delayed|minimal",
    re.IGNORECASE,
)
_CONTROL_TYPES = ("NO_INTERVENTION", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR")
_DRUGS = ("DRUG", "BIOLOGICAL", "COMBINATION_PRODUCT")


@dataclass(frozen=True, slots=True)
class Registration:
    """One registered trial of IPT.

    ``status`` is the registry's own word, such as RECRUITING. ``comparisons`` are ids of the
    taxonomy that a rule reads from the arms, empty where they do not tell. ``people`` are those
    enrolled or planned; days are ISO dates as far as known, and may lack the day.
    """

    nct_id: str
    title: str
    status: str
    randomised: bool
    conditions: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    comparisons: tuple[str, ...] = ()
    people: int | None = None
    start: str = ""
    completion: str = ""
    updated: str = ""
    has_results: bool = False
    summary: str = ""


@dataclass(slots=True)
class RegistryPage:
    """What one reply holds: trials of IPT, how many studies in all, and how to ask for the next.

    ``others`` counts studies that only share the letters IPT; ``unreadable`` says for each that
    could not be read why.
    """

    trials: list[Registration] = field(default_factory=list)
    total: int = 0
    cursor: str = ""
    others: int = 0
    unreadable: list[str] = field(default_factory=list)


def parse_studies(reply: dict[str, Any]) -> RegistryPage:
    """The trials of a reply. Raises ChangedShape when it has no list of studies."""
    items = reply_list(reply, "studies", service="ClinicalTrials.gov")
    page = RegistryPage(total=whole(reply.get("totalCount")) or 0)
    page.cursor = text(reply, "nextPageToken")
    for item in items:
        try:
            found = parse_study(item)
        except ChangedShape as error:
            page.unreadable.append(str(error))
            continue
        if found is None:
            page.others += 1
        else:
            page.trials.append(found)
    return page


def parse_study(item: Any) -> Registration | None:
    """One study; None where it is none of IPT.

    Raises ChangedShape when it has no number or title.
    """
    if not isinstance(item, dict):
        raise ChangedShape("ClinicalTrials.gov: a study is no object")
    protocol = objects(item, "protocolSection", service="ClinicalTrials.gov")
    named = inner(protocol, "identificationModule")
    number, title = text(named, "nctId"), reading_text(text(named, "briefTitle"))
    if not number or title is None:
        raise ChangedShape("ClinicalTrials.gov: a study has no NCT number or no title")
    status, design = inner(protocol, "statusModule"), inner(protocol, "designModule")
    given = inner(protocol, "armsInterventionsModule")
    summary = text(inner(protocol, "descriptionModule"), "briefSummary")
    arms, interventions = inner_list(given, "armGroups"), inner_list(given, "interventions")
    described = [title, text(named, "officialTitle"), summary]
    described += [text(one, name) for one in (*arms, *interventions) for name in _SAID]
    if not names_ipt(" ".join(described)):
        return None
    return Registration(
        nct_id=number,
        title=reading_text(text(named, "officialTitle")) or title,
        status=text(status, "overallStatus"),
        randomised=text(inner(design, "designInfo"), "allocation") == "RANDOMIZED",
        conditions=tuple(texts(inner(protocol, "conditionsModule").get("conditions"))),
        arms=tuple(text(one, "label") for one in arms if text(one, "label")),
        comparisons=_comparisons(arms, interventions),
        people=whole(inner(design, "enrollmentInfo").get("count")),
        start=text(inner(status, "startDateStruct"), "date"),
        completion=text(inner(status, "completionDateStruct"), "date"),
        updated=text(inner(status, "lastUpdatePostDateStruct"), "date"),
        has_results=item.get("hasResults") is True,
        summary=summary[:2000],
    )


_SAID = ("label", "name", "description")


def _comparisons(
    arms: list[dict[str, Any]], interventions: list[dict[str, Any]]
) -> tuple[str, ...]:
    """What IPT is compared with, by the arms beside those that name it."""
    found = []
    for arm in arms:
        label = text(arm, "label")
        own = [one for one in interventions if label in texts(one.get("armGroupLabels"))]
        drug = any(text(one, "type") in _DRUGS for one in own)
        if names_ipt(" ".join([label, *texts(arm.get("interventionNames"))])):
            found += ["combined"] if drug else []
        elif text(arm, "type") in _CONTROL_TYPES or _CONTROL.search(label):
            found.append("control")
        elif drug:
            found.append("pharmacotherapy")
        elif own:
            found.append("other_psychotherapy")
    return tuple(dict.fromkeys(found))


def search(client: Client, query: str, since: str, cursor: str) -> RegistryPage:
    """One page of studies whose treatment fits ``query``, changed since an ISO date."""
    params = {"query.intr": query, "pageSize": str(_PAGE), "countTotal": "true", "format": "json"}
    params["fields"] = _FIELDS
    if since:
        params["filter.advanced"] = f"AREA[LastUpdatePostDate]RANGE[{since},MAX]"
    if cursor:
        params["pageToken"] = cursor
    return parse_studies(client.json(SERVICE, "studies", params))
