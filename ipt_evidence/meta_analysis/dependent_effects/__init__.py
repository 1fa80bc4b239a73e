"""Several effects from one study: combined before pooling, or modelled together.

aggregation   one effect per study, for a stated correlation
multilevel    three-level and correlated-and-hierarchical-effects (CHE) models
components    their variances between and within studies: likelihood, profile intervals, tests
blocks        the covariance matrix of such a model, a block for each study
robust        cluster-robust CR2 and CR1 errors with Satterthwaite degrees of freedom, joint tests
"""

from ipt_evidence.meta_analysis.dependent_effects.aggregation import AggregatedEffects, aggregate
from ipt_evidence.meta_analysis.dependent_effects.components import VarianceInterval
from ipt_evidence.meta_analysis.dependent_effects.multilevel import (
    MultilevelModel,
    multilevel,
    variance_intervals,
)
from ipt_evidence.meta_analysis.dependent_effects.robust import (
    JointTest,
    RobustEstimate,
    cluster_robust,
)

__all__ = [
    "AggregatedEffects",
    "JointTest",
    "MultilevelModel",
    "RobustEstimate",
    "VarianceInterval",
    "aggregate",
    "cluster_robust",
    "multilevel",
    "variance_intervals",
]
