"""What each column of a table means, by its name: metafor's, Metapsy's, RevMan's, JASP's, or words.

A name is looked up whole, without case and signs. If nobody knows it, it is read word by word: an
arm, a statistic and a time point, as in "Mean (treatment, post)" or "sd_control_baseline".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["FIELDS", "Field", "Mapped", "given_measure", "plain_name", "recognised"]


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may mean: a label, and whether its cells are numbers."""

    label: str
    numeric: bool = True


def _of_arms(name: str, label: str) -> dict[str, Field]:
    arms = {"1": "treatment", "2": "comparison"}
    return {f"{name}{arm}": Field(f"{label}, {words}") for arm, words in arms.items()}


FIELDS = {
    "study": Field("Study", numeric=False),
    "author": Field("Author", numeric=False),
    "year": Field("Year"),
    "outcome": Field("Outcome or instrument", numeric=False),
    "time": Field("Time point", numeric=False),
    "arm1": Field("Name of the treatment", numeric=False),
    "arm2": Field("Name of the comparison", numeric=False),
    "doi": Field("DOI", numeric=False),
    "title": Field("Title of the report", numeric=False),
    "rob": Field("Risk of bias", numeric=False),
    **_of_arms("m", "Mean"),
    **_of_arms("sd", "Standard deviation"),
    **_of_arms("se", "Standard error of the mean"),
    **_of_arms("n", "People"),
    **_of_arms("e", "Events"),
    **_of_arms("f", "People without the event"),
    **_of_arms("en", "People among whom events were counted"),
    **_of_arms("pt", "Person-time"),
    **_of_arms("pre", "Mean before treatment"),
    **_of_arms("presd", "Standard deviation before treatment"),
    **_of_arms("pren", "People before treatment"),
    **_of_arms("ch", "Mean change"),
    **_of_arms("chsd", "Standard deviation of changes"),
    **_of_arms("chn", "People with a change"),
    "rpre": Field("Correlation of scores before and after"),
    "x": Field("Events, one group"),
    "n": Field("People, all"),
    "r": Field("Correlation"),
    "yi": Field("Effect"),
    "vi": Field("Sampling variance of the effect"),
    "se": Field("Standard error of the effect"),
    "lower": Field("Lower end of the interval"),
    "upper": Field("Upper end of the interval"),
    "interval": Field("Interval, both ends in one cell", numeric=False),
    "oe": Field("Observed minus expected events"),
    "oev": Field("Variance of observed minus expected"),
    "d": Field("Standardised difference (d or g)"),
    "or": Field("Odds ratio"),
    "rr": Field("Risk ratio"),
    "t": Field("t of the difference"),
    "f": Field("F of the difference"),
    "p": Field("p of the difference"),
    "sign": Field("Sign of the difference (1 or -1)"),
    "icc": Field("Intracluster correlation"),
    "size": Field("Mean size of randomised clusters"),
}
"""Every meaning, by its id; "1" at the end is the treatment, "2" the comparison."""

Mapped = dict[str, str]
"""Id of a meaning → name of the column that has it."""

_WHOLE = {
    "study": "study studyid studyname studylabel studlab slab label trial trialid "
    "trialname studyorsubgroup source reference citation paper article name "
    "authoryear studyauthor id",
    "author": "author authors firstauthor",
    "year": "year pubyear publicationyear studyyear yearofpublication",
    "outcome": "instrument outcome outcomename measure scale outcomemeasure outcomelabel",
    "time": "time timepoint followup timing assessment",
    "arm1": "conditionarm1 treatment intervention experimental treatmentarm arm1 treatmentname "
    "interventionname experimentalintervention multiarm1",
    "arm2": "conditionarm2 control comparison comparator controlarm arm2 controlname "
    "comparatorname controlintervention multiarm2",
    "doi": "doi",
    "title": "title articletitle papertitle reporttitle studytitle",
    "rob": "rob riskofbias overallrob robassessment overallriskofbias overallbias",
    "yi": "yi es te effect effectsize effectestimate estimate effectsizes givmean "
    "computedeffectsize logor lnor logrr lnrr zr fisherz fishersz zcor fz lnirr logodds "
    "logoddsratio logriskratio md meandifference smd g hedgesg hedges cohensd stdmeandifference "
    "standardizedmeandifference standardisedmeandifference rom lnrom",
    "vi": "vi var variance v vary vg vd samplingvariance effectvariance vlogor vlnor vyi vares "
    "varianceg variancees",
    "se": "sei se sete gse seg sed selogor selnor selogrr sesmd seyi stderr standarderror "
    "effectsizese effectsizestandarderror essd esse givse seeffect effectse stderror "
    "computedstandarderror standarderrorofeffect hedgesgse sehedgesg secohensd seofeffect",
    "lower": "cilower cilb lowerci lci ll lowerlimit lower cistart cil lowercl ci95lower "
    "lower95ci ci95lo lower95 cilow lcl 95cilower lowerci95 lowerbound lo cilowerbound",
    "upper": "ciupper ciub upperci uci ul upperlimit upper ciend ciu uppercl ci95upper "
    "upper95ci ci95hi upper95 cihigh ucl 95ciupper upperci95 upperbound hi ciupperbound",
    "interval": "95ci ci95 confidenceinterval interval 95confidenceinterval",
    "oe": "oe ominuse observedminusexpected",
    "oev": "oevariance varianceoe",
    "d": "d precalcg di",
    "or": "or oddsratio",
    "rr": "rr riskratio relativerisk",
    "t": "t tvalue tstat tstatistic ti",
    "f": "f fvalue fstat fstatistic",
    "p": "p pvalue pval pi",
    "sign": "sign direction directionofeffect",
    "m1": "m1i m1 meane experimentalmean mean1 me mt",
    "m2": "m2i m2 meanc controlmean mean2 mc",
    "sd1": "sd1i sd1 sde experimentalsd sdt s1",
    "sd2": "sd2i sd2 sdc controlsd s2",
    "se1": "se1i se1",
    "se2": "se2i se2",
    "n1": "n1i n1 ne nt total1 experimentaln experimentaltotal totale n1total",
    "n2": "n2i n2 nc total2 controln controltotal totalc n2total",
    "e1": "ai evente events1 event1 experimentalcases tpos eventarm1 e1 eventse r1",
    "e2": "eventc events2 event2 controlcases cpos eventarm2 e2 eventsc r2",
    "en1": "totalnarm1",
    "en2": "totalnarm2",
    "f1": "bi tneg",
    "f2": "cneg",
    "pt1": "t1i timee persontime1 pt1 time1",
    "pt2": "t2i timec persontime2 pt2 time2",
    "pre1": "baselinemarm1 premeant pretestmean1",
    "pre2": "baselinemarm2 premeanc pretestmean2",
    "presd1": "baselinesdarm1",
    "presd2": "baselinesdarm2",
    "pren1": "baselinenarm1",
    "pren2": "baselinenarm2",
    "ch1": "meanchangearm1",
    "ch2": "meanchangearm2",
    "chsd1": "sdchangearm1",
    "chsd2": "sdchangearm2",
    "chn1": "nchangearm1",
    "chn2": "nchangearm2",
    "rpre": "rpre prepostr rprepost prepostcorrelation corr rpp",
    "x": "xi x events event cases responders",
    "n": "ni n total samplesize ntotal totaln participants",
    "r": "ri r cor correlation pearsonsr pearsonr",
    "icc": "icc intraclustercorrelation",
    "size": "clustersize meanclustersize averageclustersize",
}
_KNOWN = {alias: field for field, names in _WHOLE.items() for alias in names.split()}

# metafor uses these names twice: where events of arm 1 stand beside them they are cells of a table,
# else an interval, a difference or a correlation.
_OF_TABLES = {"ci": "e2", "di": "f2"}
_OF_RATES = {"x1i": "e1", "x2i": "e2", "x1": "e1", "x2": "e2"}

_ARM_WORDS = {
    "1": "1 arm1 group1 treatment treat trt tx exp experimental experiment intervention int t e "
    "ig tg eg ipt therapy active i",
    "2": "2 arm2 group2 control controls ctrl ctl con comparison comparator comp c cg placebo "
    "waitlist wl tau",
}
_STAT_WORDS = {
    "m": "mean m means average avg score scores mn",
    "sd": "sd std stdev stddev sds standarddeviation",
    "se": "se sem stderr standarderror",
    "n": "n total size count nobs number people participants samplesize totaln",
    "e": "event events cases responders response improved deaths dropouts remitters remission",
    "pt": "persontime personyears py",
}
_TIME_WORDS = {
    "pre": "pre baseline bl pretest before t0 pretreatment base",
    "post": "post posttest after end endpoint posttreatment t1 eot",
    "ch": "change diff delta changescore",
}
_FILLERS = frozenset("of the in at group arm grp score scores value and with".split())


def _lookup(words: Mapping[str, str]) -> dict[str, str]:
    return {alias: meaning for meaning, names in words.items() for alias in names.split()}


_ARMS, _STATS, _TIMES = map(_lookup, (_ARM_WORDS, _STAT_WORDS, _TIME_WORDS))
_BY_WORDS = {
    ("m", ""): "m", ("m", "post"): "m", ("m", "pre"): "pre", ("m", "ch"): "ch",
    ("sd", ""): "sd", ("sd", "post"): "sd", ("sd", "pre"): "presd", ("sd", "ch"): "chsd",
    ("se", ""): "se", ("se", "post"): "se",
    ("n", ""): "n", ("n", "post"): "n", ("n", "pre"): "pren", ("n", "ch"): "chn",
    ("e", ""): "e", ("e", "post"): "e", ("pt", ""): "pt",
}  # fmt: skip


def recognised(columns: Sequence[str]) -> Mapped:
    """The column of each meaning that some column has; of two with one meaning the first.

    Names that are known whole come before those read word by word.
    """
    plain = {column: plain_name(column) for column in columns}
    known = dict(_KNOWN)
    if "ai" in plain.values() or {"bi", "n1i"} & set(plain.values()):
        known |= _OF_TABLES
    rates = {"t1i", "t1"} & set(plain.values()) and {"x1i", "x1"} & set(plain.values())
    known |= _OF_RATES | ({"t1": "pt1", "t2": "pt2"} if rates else {})
    if "ci" not in known:
        known["ci"] = "interval"
    found: Mapped = {}
    for column in columns:
        if field := known.get(plain[column]):
            found.setdefault(field, column)
    taken = set(found.values())
    for column in columns:
        if column not in taken and (field := _by_words(column)):
            found.setdefault(field, column)
    return _settled(found)


def plain_name(name: str) -> str:
    """The letters and digits of a name, in lower case: how names of columns are compared."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _by_words(name: str) -> str | None:
    spaced = re.sub(r"([a-z])([A-Z0-9])|([0-9])([A-Za-z])", r"\1\3 \2\4", name)
    words = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]
    text = " ".join(words).replace("standard deviation", "sd").replace("standard error", "se")
    text = text.replace("sample size", "n").replace("follow up", "followup")
    arm = stat = time = ""
    for word in text.split():
        if not arm and word in _ARMS:
            arm = _ARMS[word]
        elif not time and word in _TIMES:
            time = _TIMES[word]
        elif not stat and word in _STATS:
            stat = _STATS[word]
        elif word not in _FILLERS:
            return None
    if time and not stat and arm:
        stat = "m"  # "pre_treatment" beside "pre_treatment_sd"
    root = _BY_WORDS.get((stat, time))
    return f"{root}{arm}" if root and arm else None


def _settled(found: Mapped) -> Mapped:
    """Give a name that means two things the meaning that fits what stands beside it."""
    if "r" in found and "pre1" in found:
        found.setdefault("rpre", found.pop("r"))
    if "e1" in found:
        found.pop("x", None)
    if "author" in found and "study" not in found:
        found["study"] = found.pop("author")
    if "title" in found and "study" not in found:
        found["study"] = found["title"]
    return found


_GIVEN = {
    "SMD": "g hedgesg hedges smd cohensd stdmeandifference standardizedmeandifference "
    "standardisedmeandifference d precalcg",
    "OR": "logor lnor logodds logoddsratio",
    "RR": "logrr lnrr logriskratio",
    "ZCOR": "zr fisherz fishersz zcor fz",
    "MD": "md meandifference",
    "IRR": "lnirr",
    "ROM": "rom lnrom",
}
_MEASURE_OF = _lookup(_GIVEN)


def given_measure(column: str) -> str:
    """The measure of an effect that stands ready in ``column``, by its name; else GEN."""
    return _MEASURE_OF.get(plain_name(column), "GEN")
