"""Terms of numbers, models and figures."""

from __future__ import annotations

from ipt_evidence.analyses.glossary.term import term

__all__ = ["TERMS"]

TERMS = {
    "g": term(
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
    "size": term(
        "Small, medium, large",
        "A rule of thumb for g: about 0.2 small, 0.5 medium, 0.8 large. It knows nothing of what "
        "matters to a patient. The explorer uses the word of the nearest of these anchors.",
        "moderate",
        "Cohen's conventions",
        work="cohen",
        topic="effect",
    ),
    "sd": term(
        "Standard deviation",
        "How far a typical person is from the average of the group.",
        "SD",
        topic="effect",
    ),
    "se": term(
        "Standard error",
        "How much a result would vary if the same trial were repeated. The more people, the "
        "smaller it is.",
        "SE",
        topic="small-studies",
    ),
    "confidence_interval": term(
        "Confidence interval",
        "The values that fit the data reasonably well. If the same study were repeated many times, "
        "95% of such intervals would hold the true value.",
        "CI",
        topic="forest",
    ),
    "prediction_interval": term(
        "Prediction interval",
        "Where the true effect of a new, similar trial would probably lie. It is wider than the "
        "confidence interval when trials differ. Needs three trials or more.",
        "PI",
        work="prediction",
        topic="heterogeneity",
    ),
    "p_value": term(
        "p value",
        "How often chance alone would give a result at least as far from no effect. A small p "
        "does not say that the effect is large, a large p not that there is none.",
    ),
    "heterogeneity": term(
        "Heterogeneity",
        "Differences between the results of trials beyond what chance explains.",
        topic="heterogeneity",
    ),
    "i2": term(
        "I²",
        "The share, in percent, of the differences between results that is more than chance.",
        "I squared",
        "I2",
        work="i2",
        topic="heterogeneity",
    ),
    "tau": term(
        "τ (tau)",
        "How far the true effects of single trials typically lie from their average, in the units "
        "of g. Its square, τ², is their variance.",
        "tau",
        "tau squared",
        "between-study variance",
        topic="heterogeneity",
    ),
    "q": term(
        "Q",
        "A sum of how far trials lie from their average; the base of the test whether they differ "
        "more than by chance.",
        "Cochran's Q",
        topic="heterogeneity",
    ),
    "weight": term(
        "Weight",
        "How much a trial counts in the average. It comes from precision, not from quality.",
        topic="forest",
    ),
    "random_effects": term(
        "Random effects",
        "A model in which every trial has its own true effect, and the average of these is sought. "
        "The usual choice here.",
        topic="heterogeneity",
    ),
    "fixed_effects": term(
        "Fixed and equal effects",
        "Models without variation between trials. “Equal effects” assumes that all trials share "
        "one true effect; “fixed effects” speaks only of the trials at hand. Both give intervals "
        "that are too short for new places when trials differ.",
        "fixed effect",
        "equal effects",
        "common effect",
        topic="heterogeneity",
    ),
    "reml": term(
        "REML",
        "Restricted maximum likelihood: a way to estimate how much true effects vary (τ²). The "
        "default of this explorer.",
        "restricted maximum likelihood",
        work="reml",
        topic="heterogeneity",
    ),
    "hartung_knapp": term(
        "Hartung-Knapp",
        "A confidence interval that allows for τ² being uncertain; honest, so wide, when trials "
        "are few.",
        "Knapp-Hartung",
        "HKSJ",
        work="hartung",
        topic="trials",
    ),
    "k": term("k", "The number of trials behind a result.", "number of trials", topic="trials"),
    "rho": term(
        "ρ (rho)",
        "How strongly several outcomes of the same trial go together. It is seldom reported and "
        "must be assumed; on the Condition page you can change it and see how little or much "
        "depends on it.",
        "rho",
        "correlation within trials",
    ),
    "che": term(
        "CHE",
        "Correlated and hierarchical effects: a model that keeps all outcomes of all trials, "
        "linked within a trial by ρ, instead of combining them first.",
        "correlated and hierarchical effects",
        "three-level model",
        work="che",
    ),
    "robust": term(
        "Robust errors",
        "Standard errors that stay right, with enough trials, even if the assumed ρ is wrong. CR2 "
        "is a variant for few trials.",
        "cluster-robust",
        "CR2",
    ),
    "forest_plot": term(
        "Forest plot",
        "The picture of a meta-analysis: each trial as a square with a line, the average as a "
        "diamond.",
        topic="forest",
    ),
    "leave_one_out": term(
        "Leave-one-out",
        "Pooling again without each trial in turn, to see whether the result hangs on one.",
        topic="heterogeneity",
    ),
    "outlier": term(
        "Outlier",
        "A trial whose result lies far from the others. Here: its own interval lies wholly beside "
        "the pooled one.",
        topic="heterogeneity",
    ),
    "small_study_effect": term(
        "Small-study effect",
        "Small trials show other, mostly larger, effects than large ones. Publication bias is one "
        "possible reason of several.",
        topic="small-studies",
    ),
    "funnel_plot": term(
        "Funnel plot",
        "Each trial by its effect and its standard error. Without bias and heterogeneity the dots "
        "form an upside-down funnel.",
        topic="small-studies",
    ),
    "egger": term(
        "Egger's test",
        "Asks whether small trials show other effects than large ones. Not to be used with fewer "
        "than ten trials, and with standardised differences it can raise false alarms.",
        work="alarm",
        topic="small-studies",
    ),
    "trim_and_fill": term(
        "Trim and fill",
        "Adds mirror images of small trials that seem to be missing and pools again. A what-if, "
        "not a correction to rely on.",
        work="trim",
        topic="small-studies",
    ),
    "pet_peese": term(
        "PET-PEESE",
        "Predicts the effect of a trial without any sampling error from how effects change with "
        "the standard error. Unreliable with few or very different trials.",
        "PET",
        "PEESE",
        work="pet",
        topic="small-studies",
    ),
    "selection_model": term(
        "Selection model",
        "Assumes that trials without a significant result are published less often, estimates how "
        "much less, and corrects for it.",
        work="selection",
        topic="small-studies",
    ),
    "nnt": term(
        "NNT",
        "Number needed to treat: how many people must have IPT instead of the comparison for one "
        "more to do well. When the interval of the effect holds 0, the NNT has no upper end.",
        "number needed to treat",
        work="nnt_interval",
        topic="effect",
    ),
    "u3": term(
        "U3",
        "The share of the comparison group that is worse off than the average person with IPT. "
        "50% means no difference.",
        "Cohen's U3",
        work="cohen",
        topic="effect",
    ),
    "overlap": term(
        "Overlap",
        "The part that the curves of two groups share. 100% means no difference.",
        work="overlap",
        topic="effect",
    ),
    "superiority": term(
        "Probability of superiority",
        "How often a person with IPT, picked at random, is better off than a person of the "
        "comparison group. 50% would be a coin toss.",
        "common language effect size",
        work="superiority",
        topic="effect",
    ),
    "moderator": term(
        "Moderator",
        "Something that may explain why effects differ, like the number of sessions. Found by "
        "comparing trials, it is a hint and not a cause.",
        "subgroup",
        "meta-regression",
        topic="heterogeneity",
    ),
}
