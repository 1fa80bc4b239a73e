"""Statistics of meta-analysis: arrays in, frozen dataclasses out.

Nothing here reads a file, a table or the network, and nothing rounds. Effects are `yi`, sampling
variances `vi`, as in R metafor, whose definitions are followed and tested against; each docstring
says where software differs and which convention was chosen. Import from the modules:

    effect_sizes         means, events and test statistics to yi and vi
    estimators           tau² by ten methods, for one or for many meta-analyses at once
    models               pool: one pooled effect with its intervals
    dependent_effects    several effects from one study
"""
