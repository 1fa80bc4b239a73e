"""The article's ten references as the four services might describe them, for tests alone.

Fields that the base has verified stand here as there; the others follow the article's print, or
are made up where it prints nothing (marked so). Not recordings, and no evidence of anything.
"""

from __future__ import annotations

from shapes import Paper

TEN = [
    Paper(
        "10.1176/appi.ajp.2010.10101411",
        "Interpersonal Psychotherapy for Depression: A Meta-Analysis",
        (("Cuijpers", "Pim"), ("Geraedts", "Anna S."), ("van Oppen", "Patricia")),
        2011, "American Journal of Psychiatry", "168", "6", "581-592", "21362740",
        openalex="W1", cites=("W900", "W901"),
    ),
    Paper(
        "10.1016/j.jad.2022.09.119",
        "Effect of interpersonal psychotherapy on social functioning, overall functioning and "
        "negative emotions for depression: A meta-analysis",
        (("Bian", "Cheng"), ("Zhao", "Wei-Wei")),
        2023, "Journal of Affective Disorders", "320", "", "230-240", "36183821",
        openalex="W2", cites=("W900", "W1"),
    ),
    Paper(
        "10.1037/ccp0000828",
        "Interpersonal problems as a predictor of outcome in psychotherapy for depressive and "
        "anxiety disorders: A multilevel meta-analysis.",
        (("Gómez Penedo", "Juan Martín"), ("Flückiger", "Christoph")),
        2023, "Journal of Consulting and Clinical Psychology", "91", "10", "562-573", "37261741",
        openalex="W3",
    ),
    Paper(
        "10.2147/prbm.s120584",
        "Interpersonal psychotherapy for eating disorders: current perspectives",
        (("Miniati", "Mario"), ("Callari", "Antonio")),
        2018, "Psychology Research and Behavior Management", "11", "", "353-369", "30233263",
        openalex="W4",
    ),
    Paper(  # DOI, volume and pages are made up: nobody has seen them
        "10.5555/forrest",
        "Examining changes in binge-eating disorder network centrality and structure in patients "
        "treated with cognitive-behavioral therapy versus interpersonal psychotherapy",
        (("Forrest", "Lauren N."), ("Doe", "Jane")),
        2023, "International Journal of Eating Disorders", "99", "", "1-9", "",
        openalex="W5",
    ),
    Paper(
        "10.1016/j.jad.2018.01.018",
        "A systematic review and meta-analysis of interpersonal psychotherapy for perinatal women",
        (("Sockol", "Laura E."),),
        2018, "Journal of Affective Disorders", "232", "", "316-328", "",
        openalex="W6", cites=("W900",),
    ),
    Paper(
        "10.1186/s12884-020-03006-7",
        "The risk of eating disorder relapse during pregnancy and after delivery and postpartum "
        "depression among women recovered from eating disorders",
        (("Makino", "Mariko"), ("Yasushi", "Mitsuo"), ("Tsutsui", "Sueharu")),
        2020, "BMC Pregnancy and Childbirth", "20", "1", "323", "32460729",
        openalex="W7",
    ),
    Paper(
        "10.1093/med/9780190097653.003.0059",
        "Interpersonal Psychotherapy and Cancer",
        (("Sotsky", "Jennifer"), ("Pessin", "Hayley"), ("Markowitz", "John C.")),
        2021, "Psycho-Oncology", "", "", "459-469", "", "book-chapter",
        unknown_to=("europe_pmc", "pubmed"), openalex="W8",
    ),
    Paper(
        "10.1016/s2213-8587(18)30038-x",
        "Systemic effects of periodontitis treatment in patients with type 2 diabetes: a 12 month, "
        "single-centre, investigator-masked, randomised trial",
        (("D'Aiuto", "Francesco"), ("Gkranias", "Nikolaos")),
        2018, "The Lancet Diabetes & Endocrinology", "6", "12", "954-965", "30472992",
        notices=(("erratum", "10.5555/erratum"),),  # the erratum's DOI is made up
        pubmed_notices=(("ErratumIn", "Lancet Diabetes Endocrinol. 2019 Mar;7(3):e3", "30000003"),),
        openalex="W9",
    ),
    Paper(
        "10.1007/s10879-016-9331-x",
        "Chronic Pain, Chronic Demoralization, and the Role of Psychotherapy",
        (("de Figueiredo", "John M."), ("Griffith", "James L.")),
        2016, "Journal of Contemporary Psychotherapy", "46", "3", "167-177", "",
        openalex="W10",
    ),
]  # fmt: skip

AROUND = [
    Paper("10.5555/everybody", "A treatment manual that everybody cites", openalex="W900"),
    Paper("10.5555/once", "A paper cited once", openalex="W901"),
    Paper("10.5555/later", "A later overview", openalex="W902", cites=("W1", "W2", "W6")),
]

TRIALS = [
    Paper(
        "10.5555/new-trial",
        "Group interpersonal psychotherapy for postpartum depression: a randomised controlled "
        "trial (invented)",
        (("Newman", "Nora"),), 2026, "Journal of Examples", "1", "1", "1-9", "40000001",
        abstract="Women were randomised to interpersonal psychotherapy or usual care. NCT01234567",
        pubmed_types=("Journal Article", "Randomized Controlled Trial"),
    ),
    Paper(
        "10.5555/new-review",
        "Interpersonal psychotherapy: an invented systematic review",
        (("Oldman", "Otto"),), 2026, "Journal of Examples", "1", "2", "10-19", "40000002",
    ),
    Paper(
        "10.5555/teeth",
        "Intensive periodontal treatment (IPT) and diabetes: a randomized trial (invented)",
        (("Dent", "Al"),), 2026, "Journal of Teeth", "2", "1", "5-9", "40000003",
        abstract="IPT means intensive periodontal treatment here.",
    ),
]  # fmt: skip
