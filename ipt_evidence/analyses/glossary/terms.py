"""The terms of the glossary: trials, care and evidence first, then numbers, models and figures."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TERMS", "Term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its name, other names it goes by, what it means, and where to read on.

    ``work`` is a key of `lesson.WORKS` where a number or convention is quoted; ``topic`` the id of
    a lesson.
    """

    name: str
    meaning: str
    also: tuple[str, ...] = ()
    work: str = ""
    topic: str = ""


def _term(name: str, meaning: str, *also: str, work: str = "", topic: str = "") -> Term:
    """Make a term; ``also`` are its other names."""
    return Term(name, meaning, also, work, topic)


TERMS = {
    "ipt": _term(
        "IPT",
        "Interpersonal Psychotherapy: a structured, time-limited talking treatment. It works on "
        "what goes on between people: grief, conflicts, changes of role, loneliness. The three "
        "letters also stand for other things in medicine.",
        "Interpersonal Psychotherapy",
    ),
    "trial": _term(
        "Randomised trial",
        "A study in which chance decides who gets which treatment, so that the groups differ at "
        "the start by chance only.",
        "RCT",
        "randomised controlled trial",
    ),
    "meta_analysis": _term(
        "Meta-analysis",
        "A calculation that puts the results of several studies together into one.",
        "pooling",
        topic="forest",
    ),
    "risk_of_bias": _term(
        "Risk of bias",
        "How likely it is that a trial's result is wrong because of how it was done: "
        "randomisation, dropout, who rated, what was reported.",
        "RoB",
        topic="grade",
    ),
    "publication_bias": _term(
        "Publication bias",
        "Trials with pleasing results are published more often than others, so the published "
        "average is too good.",
        topic="small-studies",
    ),
    "odds_ratio": _term(
        "Odds ratio",
        "Odds are the chance that something happens divided by the chance that it does not. The "
        "odds ratio divides the odds of one group by those of the other; 1 means no difference. "
        "It is not a ratio of chances.",
        "OR",
    ),
    "control": _term(
        "Control group",
        "The people IPT is compared with when they get no other full treatment: they wait, get "
        "usual care, a placebo, or equal attention without therapy.",
        "control",
        "comparison group",
        topic="grade",
    ),
    "waiting_list": _term(
        "Waiting list",
        "A control group that gets the treatment later. Waiting may itself keep people from "
        "seeking help, so effects against it tend to look large.",
        "waitlist",
        topic="grade",
    ),
    "usual_care": _term(
        "Usual care",
        "What people would get anyway where the trial takes place. That can be much or next to "
        "nothing, so read what it was.",
        "care as usual",
        "treatment as usual",
        "TAU",
        topic="grade",
    ),
    "active_control": _term(
        "Active control",
        "A control group with equal time and attention but without the working parts of a "
        "therapy, such as health education. A stricter test than waiting.",
        "attention control",
        topic="grade",
    ),
    "intention_to_treat": _term(
        "Intention to treat",
        "Everybody is counted in the group that chance put them in, whether or not they stayed. "
        "It protects what randomisation has made equal.",
        "ITT",
    ),
    "attrition": _term(
        "Attrition",
        "People who leave a trial before its end. If more leave one group than the other, the rest "
        "can no longer be compared fairly.",
        "dropout",
        topic="grade",
    ),
    "cluster_randomised": _term(
        "Cluster-randomised",
        "Whole groups (villages, schools, clinics) rather than people are assigned by chance. "
        "People in a group resemble one another, so such a trial knows less than its number of "
        "people suggests.",
        "cluster trial",
    ),
    "blinding": _term(
        "Blinding",
        "Somebody does not know who got which treatment. In talking treatments only an outside "
        "rater can be blind, not the patient.",
        "masking",
        topic="grade",
    ),
    "follow_up": _term(
        "Follow-up",
        "A later measurement, after treatment has ended. The estimates here are from right after "
        "treatment unless something else is said.",
    ),
    "outcome": _term(
        "Outcome",
        "What a trial measures to see whether people are better off, like symptoms on a "
        "questionnaire.",
        "instrument",
        "scale",
    ),
    "grade": _term(
        "GRADE",
        "A way to judge how sure one can be of an effect: high, moderate, low or very low, with "
        "reasons in five domains.",
        "certainty of evidence",
        topic="grade",
    ),
    "network_meta_analysis": _term(
        "Network meta-analysis",
        "Compares more than two treatments at once, also indirectly: if A was compared with C and "
        "B with C, something can be said about A and B.",
        "NMA",
    ),
    "covered_area": _term(
        "Overlap of reviews",
        "How far reviews rest on the same trials, as the corrected covered area (CCA): 0% when no "
        "trial is in two of them, 100% when every review holds every trial. Reviews that overlap "
        "and agree partly count the same trials again.",
        "Corrected covered area",
        "CCA",
        work="covered_area",
    ),
    "individual_data": _term(
        "Individual participant data",
        "A meta-analysis that uses the record of every person instead of the printed averages. "
        "More work, and more that can be asked.",
        "IPD",
    ),
    "maintenance": _term(
        "Maintenance treatment",
        "Treatment at longer intervals after recovery, to keep the illness from coming back.",
        "relapse prevention",
    ),
    "provenance": _term(
        "Provenance",
        "Where a number comes from: the source, the phrase it stands in, and how it was obtained.",
    ),
    "g": _term(
        "g",
        "The difference between the averages of two groups, counted in standard deviations and "
        "corrected for small groups. Here a positive g always favours IPT.",
        "Hedges g",
        "standardised mean difference",
        "SMD",
        "effect size",
        work="hedges",
        topic="effect",
    ),
    "size": _term(
        "Small, medium, large",
        "A rule of thumb for g: about 0.2 small, 0.5 medium, 0.8 large. It knows nothing of what "
        "matters to a patient. The explorer uses the word of the nearest of these anchors.",
        "moderate",
        "Cohen's conventions",
        work="cohen",
        topic="effect",
    ),
    "sd": _term(
        "Standard deviation",
        "How far a typical person is from the average of the group.",
        "SD",
        topic="effect",
    ),
    "se": _term(
        "Standard error",
        "How much a result would vary if the same trial were repeated. The more people, the "
        "smaller it is.",
        "SE",
        topic="small-studies",
    ),
    "confidence_interval": _term(
        "Confidence interval",
        "The values that fit the data reasonably well. If the same study were repeated many times, "
        "95% of such intervals would hold the true value.",
        "CI",
        topic="forest",
    ),
    "prediction_interval": _term(
        "Prediction interval",
        "Where the true effect of a new, similar trial would probably lie. It is wider than the "
        "confidence interval when trials differ. Needs three trials or more.",
        "PI",
        work="prediction",
        topic="heterogeneity",
    ),
    "p_value": _term(
        "p value",
        "How often chance alone would give a result at least as far from no effect. A small p "
        "does not say that the effect is large, a large p not that there is none.",
    ),
    "heterogeneity": _term(
        "Heterogeneity",
        "Differences between the results of trials beyond what chance explains.",
        topic="heterogeneity",
    ),
    "i2": _term(
        "I²",
        "The share, in percent, of the differences between results that is more than chance.",
        "I squared",
        "I2",
        work="i2",
        topic="heterogeneity",
    ),
    "tau": _term(
        "τ (tau)",
        "How far the true effects of single trials typically lie from their average, in the units "
        "of g. Its square, τ², is their variance.",
        "tau",
        "tau squared",
        "between-study variance",
        topic="heterogeneity",
    ),
    "q": _term(
        "Q",
        "A sum of how far trials lie from their average; the base of the test whether they differ "
        "more than by chance.",
        "Cochran's Q",
        topic="heterogeneity",
    ),
    "weight": _term(
        "Weight",
        "How much a trial counts in the average. It comes from precision, not from quality.",
        topic="forest",
    ),
    "random_effects": _term(
        "Random effects",
        "A model in which every trial has its own true effect, and the average of these is sought. "
        "The usual choice here.",
        topic="heterogeneity",
    ),
    "fixed_effects": _term(
        "Fixed and equal effects",
        "Models without variation between trials. “Equal effects” assumes that all trials share "
        "one true effect; “fixed effects” speaks only of the trials at hand. Both give intervals "
        "that are too short for new places when trials differ.",
        "fixed effect",
        "equal effects",
        "common effect",
        topic="heterogeneity",
    ),
    "reml": _term(
        "REML",
        "Restricted maximum likelihood: a way to estimate how much true effects vary (τ²). The "
        "default of this explorer.",
        "restricted maximum likelihood",
        work="reml",
        topic="heterogeneity",
    ),
    "hartung_knapp": _term(
        "Hartung-Knapp",
        "A confidence interval that allows for τ² being uncertain; honest, so wide, when trials "
        "are few.",
        "Knapp-Hartung",
        "HKSJ",
        work="hartung",
        topic="trials",
    ),
    "k": _term("k", "The number of trials behind a result.", "number of trials", topic="trials"),
    "rho": _term(
        "ρ (rho)",
        "How strongly several outcomes of the same trial go together. It is seldom reported and "
        "must be assumed; on the Condition page you can change it and see how little or much "
        "depends on it.",
        "rho",
        "correlation within trials",
    ),
    "che": _term(
        "CHE",
        "Correlated and hierarchical effects: a model that keeps all outcomes of all trials, "
        "linked within a trial by ρ, instead of combining them first.",
        "correlated and hierarchical effects",
        "three-level model",
        work="che",
    ),
    "robust": _term(
        "Robust errors",
        "Standard errors that stay right, with enough trials, even if the assumed ρ is wrong. CR2 "
        "is a variant for few trials.",
        "cluster-robust",
        "CR2",
    ),
    "forest_plot": _term(
        "Forest plot",
        "The picture of a meta-analysis: each trial as a square with a line, the average as a "
        "diamond.",
        topic="forest",
    ),
    "leave_one_out": _term(
        "Leave-one-out",
        "Pooling again without each trial in turn, to see whether the result depends on one.",
        topic="heterogeneity",
    ),
    "outlier": _term(
        "Outlier",
        "A trial whose result lies far from the others. Here: its own interval lies wholly beside "
        "the pooled one.",
        topic="heterogeneity",
    ),
    "small_study_effect": _term(
        "Small-study effect",
        "Small trials show other, mostly larger, effects than large ones. Publication bias is one "
        "possible reason of several.",
        topic="small-studies",
    ),
    "funnel_plot": _term(
        "Funnel plot",
        "Each trial by its effect and its standard error. Without bias and heterogeneity the dots "
        "form an upside-down funnel.",
        topic="small-studies",
    ),
    "egger": _term(
        "Egger's test",
        "Asks whether small trials show other effects than large ones. Not to be used with fewer "
        "than ten trials, and with standardised differences it can raise false alarms.",
        work="alarm",
        topic="small-studies",
    ),
    "trim_and_fill": _term(
        "Trim and fill",
        "Adds mirror images of small trials that seem to be missing and pools again. A what-if, "
        "not a correction to rely on.",
        work="trim",
        topic="small-studies",
    ),
    "pet_peese": _term(
        "PET-PEESE",
        "Predicts the effect of a trial without any sampling error from how effects change with "
        "the standard error. Unreliable with few or very different trials.",
        "PET",
        "PEESE",
        work="pet",
        topic="small-studies",
    ),
    "selection_model": _term(
        "Selection model",
        "Assumes that trials without a significant result are published less often, estimates how "
        "much less, and corrects for it.",
        work="selection",
        topic="small-studies",
    ),
    "nnt": _term(
        "NNT",
        "Number needed to treat: how many people must have IPT instead of the comparison for one "
        "more to do well. When the interval of the effect holds 0, the NNT has no upper end.",
        "number needed to treat",
        work="nnt_interval",
        topic="effect",
    ),
    "u3": _term(
        "U3",
        "The share of the comparison group that is worse off than the average person with IPT. "
        "50% means no difference.",
        "Cohen's U3",
        work="cohen",
        topic="effect",
    ),
    "overlap": _term(
        "Overlap",
        "The part that the curves of two groups share. 100% means no difference.",
        work="overlap",
        topic="effect",
    ),
    "superiority": _term(
        "Probability of superiority",
        "How often a person with IPT, picked at random, is better off than a person of the "
        "comparison group. 50% would be a coin toss.",
        "common language effect size",
        work="superiority",
        topic="effect",
    ),
    "moderator": _term(
        "Moderator",
        "Something that may explain why effects differ, like the number of sessions. Found by "
        "comparing trials, it is a hint and not a cause.",
        "subgroup",
        "meta-regression",
        topic="heterogeneity",
    ),
}
