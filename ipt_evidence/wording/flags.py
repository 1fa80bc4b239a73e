"""Warnings about a study or a result, in words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FLAG_WORDS", "Flag", "flag_words"]


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning: a few words for a list, and a sentence for the study's page."""

    short: str
    sentence: str


FLAG_WORDS = {
    "retracted": Flag(
        "retracted",
        "A report of this study was retracted. Leave the study out to see what changes, and do "
        "not rest anything on it.",
    ),
    "expression_of_concern": Flag(
        "expression of concern",
        "The journal published an expression of concern about a report of this study: it has "
        "doubts that are not resolved. Leave the study out to see what changes.",
    ),
    "corrected": Flag(
        "corrected since",
        "A correction to a report of this study was published. Whether it touches the numbers "
        "here has to be read in the notice.",
    ),
    "se_for_sd": Flag(
        "standard errors for standard deviations?",
        "The standard deviations look like standard errors: if so, the effect is far too precise "
        "or too large. It is kept as printed; leave it out to see what changes.",
    ),
    "coded_perinatal": Flag(
        "coded as perinatal",
        "The database codes this trial as perinatal, but it studied mothers of four-year-olds "
        "and randomised sites, not women.",
    ),
    "not_ipt_delivery": Flag(
        "doubtful whether this is IPT",
        "The treatment was an online discussion board led by therapists; nothing in its abstract "
        "names IPT. It is counted as the database codes it.",
    ),
    "not_ipt": Flag("not IPT", "The treatment is not interpersonal psychotherapy: never pooled."),
    "not_randomised": Flag("not randomised", "Not randomised: never pooled with trials."),
    "quasi_randomised": Flag(
        "quasi-randomised", "The assignment could be foreseen: never pooled with randomised trials."
    ),
    "randomisation_unverified": Flag(
        "randomisation unverified",
        "The texts that were seen do not say that people were randomised: not pooled.",
    ),
    "randomisation_doubtful": Flag(
        "randomisation doubtful",
        "The report calls the trial randomised, its registry entry does not: not pooled.",
    ),
    "contrast_not_randomised": Flag(
        "IPT was not randomised", "Something other than IPT was randomised in this trial."
    ),
    "cluster_not_accounted": Flag(
        "clusters ignored",
        "Groups rather than people were randomised, and the result does not allow for that: it "
        "looks more precise than it is.",
    ),
    "percent_without_denominator": Flag(
        "percentages without numbers",
        "The source gives percentages without the number of people behind them, so counts cannot "
        "be rebuilt.",
    ),
    "n_disagrees": Flag(
        "sources disagree on numbers",
        "Sources disagree on how many people took part; see the note.",
    ),
    "high_attrition": Flag("many dropped out", "Many people left before the end."),
    "differential_completion": Flag(
        "uneven dropout", "Many more people left one arm than the other."
    ),
    "baseline_imbalance": Flag(
        "unequal at the start", "The groups differed before treatment began."
    ),
    "after_miscarriage": Flag("after miscarriage", "The participants had lost a pregnancy."),
    "universal_prevention": Flag(
        "not selected for risk", "Prevention was offered to everybody, not only to people at risk."
    ),
    "combined_treatment": Flag(
        "IPT with a drug", "Both arms received a drug: the result is what IPT adds to it."
    ),
    "secondary_report": Flag("secondary report", "The numbers come from a secondary report."),
    "calculated_response": Flag(
        "response calculated",
        "The response rate was calculated by a database, often from means and standard "
        "deviations; it is not the trial's own count.",
    ),
    "vi_from_n": Flag(
        "precision from group sizes",
        "The source gives the effect without an interval; its precision was worked out from the "
        "group sizes.",
    ),
    "counts_back_calculated": Flag(
        "counts rebuilt", "The counts were rebuilt from percentages that fit one whole number each."
    ),
    "followed_up_only": Flag(
        "only those followed up", "Only the people who could be followed up are counted."
    ),
    "n_randomised_used": Flag(
        "numbers randomised", "Group sizes are the numbers randomised, not those analysed."
    ),
    "model_based_d": Flag(
        "effect from a model",
        "The effect comes from a model of all time points, so its precision cannot be worked out.",
    ),
    "authors_and_year_not_seen": Flag(
        "authors not known", "Authors and year of this report could not be seen."
    ),
}


def flag_words(flag: str) -> Flag:
    """The words for a flag; one that this module does not know is shown as it is written."""
    written = flag.replace("_", " ")
    return FLAG_WORDS.get(flag, Flag(written, f"{written.capitalize()}."))
