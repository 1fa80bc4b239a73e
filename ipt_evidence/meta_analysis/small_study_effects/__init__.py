"""Small-study effects: tests, corrections, and when to believe neither.

    asymmetry            Egger's regression test, Begg's rank correlation test
    trim_and_fill        Duval and Tweedie's trim and fill
    pet_peese            effect expected of a study without sampling error
    limit                limit meta-analysis
    selection            step-function selection model
    p_curve              shape of the significant p values
    excess_significance  observed against expected number of significant studies
    fail_safe            fail-safe N, for history
    cautions             when not to rely on them

Each result carries `cautions`: sentences with their source that belong beside the number. Effects
must be coded so that positive is the direction in which publication is favoured.
"""
