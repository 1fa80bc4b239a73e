"""Several effects from one study: combined before pooling, or modelled together.

aggregation   one effect per study, for a stated correlation
multilevel    three-level and correlated-and-hierarchical-effects (CHE) models
blocks        the covariance matrix of such a model, a block for each study
robust        cluster-robust CR2 standard errors with Satterthwaite degrees of freedom
"""

from ipt_evidence.meta_analysis.dependent_effects.aggregation import AggregatedEffects, aggregate
from ipt_evidence.meta_analysis.dependent_effects.multilevel import MultilevelModel, multilevel
from ipt_evidence.meta_analysis.dependent_effects.robust import RobustEstimate, cluster_robust

__all__ = [
    "AggregatedEffects",
    "MultilevelModel",
    "RobustEstimate",
    "aggregate",
    "cluster_robust",
    "multilevel",
]
