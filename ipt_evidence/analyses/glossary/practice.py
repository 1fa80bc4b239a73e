"""Terms of trials, care and evidence."""

from __future__ import annotations

from ipt_evidence.analyses.glossary.term import term

__all__ = ["TERMS"]

TERMS = {
    "ipt": term(
        "IPT",
        "Interpersonal Psychotherapy: a structured, time-limited talking treatment. It works on "
        "what goes on between people: grief, conflicts, changes of role, loneliness. The three "
        "letters also stand for other things in medicine.",
        "Interpersonal Psychotherapy",
    ),
    "trial": term(
        "Randomised trial",
        "A study in which chance decides who gets which treatment, so that the groups differ at "
        "the start by chance only.",
        "RCT",
        "randomised controlled trial",
    ),
    "meta_analysis": term(
        "Meta-analysis",
        "A calculation that puts the results of several studies together into one.",
        "pooling",
        topic="forest",
    ),
    "risk_of_bias": term(
        "Risk of bias",
        "How likely it is that a trial's result is wrong because of how it was done: "
        "randomisation, dropout, who rated, what was reported.",
        "RoB",
        topic="grade",
    ),
    "publication_bias": term(
        "Publication bias",
        "Trials with pleasing results are published more often than others, so the published "
        "average is too good.",
        topic="small-studies",
    ),
    "odds_ratio": term(
        "Odds ratio",
        "Odds are the chance that something happens divided by the chance that it does not. The "
        "odds ratio divides the odds of one group by those of the other; 1 means no difference. "
        "It is not a ratio of chances.",
        "OR",
    ),
    "control": term(
        "Control group",
        "The people IPT is compared with when they get no other full treatment: they wait, get "
        "usual care, a placebo, or equal attention without therapy.",
        "control",
        "comparison group",
        topic="grade",
    ),
    "waiting_list": term(
        "Waiting list",
        "A control group that gets the treatment later. Waiting may itself keep people from "
        "seeking help, so effects against it tend to look large.",
        "waitlist",
        topic="grade",
    ),
    "usual_care": term(
        "Usual care",
        "What people would get anyway where the trial takes place. That can be much or next to "
        "nothing, so read what it was.",
        "care as usual",
        "treatment as usual",
        "TAU",
        topic="grade",
    ),
    "active_control": term(
        "Active control",
        "A control group with equal time and attention but without the working parts of a "
        "therapy, such as health education. A stricter test than waiting.",
        "attention control",
        topic="grade",
    ),
    "intention_to_treat": term(
        "Intention to treat",
        "Everybody is counted in the group that chance put them in, whether or not they stayed. "
        "It protects what randomisation has made equal.",
        "ITT",
    ),
    "attrition": term(
        "Attrition",
        "People who leave a trial before its end. If more leave one group than the other, the rest "
        "can no longer be compared fairly.",
        "dropout",
        topic="grade",
    ),
    "cluster_randomised": term(
        "Cluster-randomised",
        "Whole groups (villages, schools, clinics) rather than people are assigned by chance. "
        "People in a group resemble one another, so such a trial knows less than its number of "
        "people suggests.",
        "cluster trial",
    ),
    "blinding": term(
        "Blinding",
        "Somebody does not know who got which treatment. In talking treatments only an outside "
        "rater can be blind, not the patient.",
        "masking",
        topic="grade",
    ),
    "follow_up": term(
        "Follow-up",
        "A later measurement, after treatment has ended. The estimates here are from right after "
        "treatment unless something else is said.",
    ),
    "outcome": term(
        "Outcome",
        "What a trial measures to see whether people are better off, like symptoms on a "
        "questionnaire.",
        "instrument",
        "scale",
    ),
    "grade": term(
        "GRADE",
        "A way to judge how sure one can be of an effect: high, moderate, low or very low, with "
        "reasons in five domains.",
        "certainty of evidence",
        topic="grade",
    ),
    "network_meta_analysis": term(
        "Network meta-analysis",
        "Compares more than two treatments at once, also indirectly: if A was compared with C and "
        "B with C, something can be said about A and B.",
        "NMA",
    ),
    "individual_data": term(
        "Individual participant data",
        "A meta-analysis that uses the record of every person instead of the printed averages. "
        "More work, and more that can be asked.",
        "IPD",
    ),
    "maintenance": term(
        "Maintenance treatment",
        "Treatment at longer intervals after recovery, to keep the illness from coming back.",
        "relapse prevention",
    ),
    "provenance": term(
        "Provenance",
        "Where a number comes from: the source, the phrase it stands in, and how it was obtained.",
    ),
}
