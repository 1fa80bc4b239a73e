"""Small-study effects: tests, adjustments, and when to believe neither.

    asymmetry      Egger's regression test, Begg's rank correlation test
    trim_and_fill  Duval and Tweedie's trim and fill
    pet_peese      effect expected of a study without sampling error
    limit          limit meta-analysis
    selection      step-function selection model
    significance   p-curve, excess significance, fail-safe N
    cautions       when not to rely on them

Each result carries `cautions`: sentences with their source that belong beside the number. Effects
must be coded so that positive is the direction in which publication is favoured.
"""
