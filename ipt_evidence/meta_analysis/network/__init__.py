"""Network meta-analysis: several treatments compared at once, directly and through each other.

studies       contrasts or arms of trials as the network's data
model         frequentist fit (netmeta's): all comparisons, P-scores, direct against indirect
consistency   heterogeneity within designs, inconsistency between them, and what drives it
"""

from ipt_evidence.meta_analysis.network.consistency import Consistency, DesignPart, consistency
from ipt_evidence.meta_analysis.network.model import Comparison, Network, Ranked, network
from ipt_evidence.meta_analysis.network.studies import NetworkStudies, from_arms, from_contrasts

__all__ = [
    "Comparison",
    "Consistency",
    "DesignPart",
    "Network",
    "NetworkStudies",
    "Ranked",
    "consistency",
    "from_arms",
    "from_contrasts",
    "network",
]
