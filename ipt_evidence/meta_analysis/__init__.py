"""Statistics of meta-analysis: arrays in, frozen dataclasses out.

Nothing here reads a file, a table or the network, and nothing rounds. Effects are `yi`, sampling
variances `vi`, as in R metafor, whose definitions are followed and tested against; each docstring
says where software differs and which convention was chosen. Import from the modules:

    effect_sizes         means and events to yi and vi
    conversions          t, F, p, intervals, changes, shares, correlations to yi and vi
    models               pool: one pooled effect with its intervals; pool_many: thousands at once
    heterogeneity        tau² of one model, with Q-profile intervals of tau², I², H²
    dependent_effects    several effects from one study: aggregation, three-level, CHE, CR2
    counts, proportions  events themselves: Mantel-Haenszel, Peto, logit-normal model
    network              several treatments at once, directly and through each other
    shrinkage            predictions of the studies' true effects
    moderators           meta-regression, predictions, subgroups and the test between them
    small_study_effects  Egger, Begg, trim and fill, PET-PEESE, limit, selection, p-curve, ...
    influence            leave-one-out, diagnostics, outliers, cumulation
    gosh                 all subsets of studies, and clusters among them
    multiverse           all combinations of choices
    bayesian             posterior by quadrature
    power                power, and the next trial that would change the conclusion
    clinical_units       NNT, U3, overlap, superiority, points of an instrument

Below them: estimators (tau² of many at once), linear_model (of one mean or regression),
coefficients, distributions, roots, inputs.
"""
