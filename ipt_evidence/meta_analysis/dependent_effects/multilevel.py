"""Three-level and correlated-and-hierarchical-effects (CHE) models of effects nested in studies.

Effects of a study share its true effect (variance between studies) and differ among themselves
(variance within studies). With `rho` = 0 sampling errors are independent: the three-level model of
Van den Noortgate et al. (2013) doi:10.3758/s13428-012-0261-6, metafor's
`rma.mv(yi, vi, random = ~ 1 | study/effect)`. With `rho` > 0 they are correlated as well: the CHE
model of Pustejovsky & Tipton (2022) doi:10.1007/s11121-021-01246-3, whose V has cov = rho si sj.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import Coefficient, coefficient_table, joint_test
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.dependent_effects.likelihood import (
    ComponentFit,
    fit_components,
    model_at,
)
from ipt_evidence.meta_analysis.dependent_effects.robust import (
    robust_coefficients,
    sorted_clusters,
)
from ipt_evidence.meta_analysis.design import code_moderators, design_matrix
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import TOO_FAR_APART, Design

__all__ = ["MultilevelModel", "multilevel"]


@dataclass(frozen=True, slots=True)
class MultilevelModel:
    """A fitted three-level or CHE model.

    Attributes
    ----------
    k, n_studies
        Number of effects and of studies.
    coefficients
        Model-based estimates: t tests on k - p degrees of freedom, or z tests (metafor's default).
    robust_coefficients
        The same estimates with cluster-robust CR2 errors and Satterthwaite df: report these.
        Empty where they do not exist; `notes` says why.
    pi_lower, pi_upper
        Prediction interval for the true effect in a new study (model-based), None with
        moderators.
    tau2_between, tau2_within
        Variances of true effects between and within studies.
    i2_between, i2_within
        Shares of total variance in percent, against the sampling variance of a typical effect.
    q, q_df, q_p
        Residual heterogeneity.
    qm, qm_df1, qm_df2, qm_p
        Joint model-based test of the moderators, as `moderators.MetaRegression`; None without.
    log_likelihood
        Of the fit by `method`, as metafor's `logLik()`.
    rho, method, test, level, notes
        Correlation assumed, "REML" or "ML", "t" or "z", percent, what the reader must know.
    """

    k: int
    n_studies: int
    coefficients: tuple[Coefficient, ...]
    robust_coefficients: tuple[Coefficient, ...]
    pi_lower: float | None
    pi_upper: float | None
    tau2_between: float
    tau2_within: float
    i2_between: float
    i2_within: float
    q: float
    q_df: int
    q_p: float
    qm: float | None
    qm_df1: int | None
    qm_df2: int | None
    qm_p: float | None
    log_likelihood: float
    rho: float
    method: str
    test: str
    level: float
    notes: tuple[str, ...]


def multilevel(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    *,
    rho: float = 0.6,
    moderators: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] | None = None,
    method: str = "REML",
    test: str = "t",
    level: float = 95.0,
) -> MultilevelModel:
    """Pool all effects of all studies, allowing for their dependence.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,).
    study
        Study of each effect, (K,); at least two studies, one of them with several effects.
    rho
        Correlation of sampling errors within a study, 0 (three-level model) to below 1 (CHE).
    moderators
        As `moderators.meta_regression`.
    method
        "REML" or "ML".
    test
        "t" (K less the number of coefficients) or "z", of the model-based coefficients.
    level
        Percent of all intervals.

    Raises
    ------
    PoolingError
        If input is unusable (naming positions), there is one study only, or no study has several
        effects, so that the two variances cannot be told apart: use `models.pool`.
    """
    effects, variances = effects_and_variances(yi, vi, least=3)
    labels = labels_of(study, effects.size, "study")
    if not 0.0 <= rho < 1.0:
        raise PoolingError(f"rho {rho!r} is not a correlation of at least 0 and below 1")
    if method not in ("REML", "ML"):
        raise PoolingError(f"unknown method {method!r}: choose REML or ML")
    if test not in ("t", "z"):
        raise PoolingError(f"unknown test {test!r}: choose t or z")
    chosen = moderators or {}
    x, terms = design_matrix(code_moderators(chosen, effects.size), chosen, effects.size)
    order, clusters = sorted_clusters(variances, labels, rho)
    _check_identified(effects.size, clusters)
    # In units of a typical standard error, so that the optimiser's tolerances fit any scale.
    unit = math.sqrt(effects.size / float(np.sum(1.0 / variances)))
    design = Design.of(effects[order] / unit, clusters.vi / unit**2, x[order], terms)
    scaled = Clusters(design.vi, clusters.index, clusters.starts, rho)
    fit = fit_components(scaled, design, restricted=method == "REML")
    return _assemble(scaled, design, fit, terms, unit, rho, method, test, level)


def _check_identified(k: int, clusters: Clusters) -> None:
    if clusters.starts.size < 2:
        raise PoolingError("all effects come from one study: there is nothing to pool across")
    if clusters.starts.size == k:
        raise PoolingError(
            "each study has one effect, so that variance within studies cannot be told from "
            "variance between them: use models.pool"
        )


def _assemble(
    clusters: Clusters,
    design: Design,
    fit: ComponentFit,
    terms: tuple[str, ...],
    unit: float,
    rho: float,
    method: str,
    test: str,
    level: float,
) -> MultilevelModel:
    k, p = design.basis.shape
    df = k - p if test == "t" else None
    back = design.back * unit
    covariance = back @ fit.gram_inverse @ back.T
    coefficients = coefficient_table(terms, back @ fit.gamma, covariance, df, level)
    robust, notes = _robust_or_why(clusters, design, fit, terms, back, level)
    total = fit.between + fit.within
    reach = distributions.critical_value(level, df) * math.sqrt(
        total * unit**2 + coefficients[0].se ** 2
    )
    q, typical = _sampling_only(clusters, design)
    qm, df1, df2, qm_p = joint_test((back @ fit.gamma)[1:], covariance[1:, 1:], df)
    centre = coefficients[0].estimate if p == 1 else None
    return MultilevelModel(
        k=k,
        n_studies=clusters.starts.size,
        coefficients=coefficients,
        robust_coefficients=robust,
        pi_lower=None if centre is None else centre - reach,
        pi_upper=None if centre is None else centre + reach,
        tau2_between=fit.between * unit**2,
        tau2_within=fit.within * unit**2,
        i2_between=100.0 * fit.between / (total + typical),
        i2_within=100.0 * fit.within / (total + typical),
        q=q,
        q_df=k - p,
        q_p=distributions.chi2_upper_tail(q, k - p),
        qm=qm,
        qm_df1=df1,
        qm_df2=df2,
        qm_p=qm_p,
        log_likelihood=fit.log_likelihood - (k - (p if method == "REML" else 0)) * math.log(unit),
        rho=rho,
        method=method,
        test=test,
        level=level,
        notes=notes,
    )


def _robust_or_why(
    clusters: Clusters,
    design: Design,
    fit: ComponentFit,
    terms: tuple[str, ...],
    back: FloatArray,
    level: float,
) -> tuple[tuple[Coefficient, ...], tuple[str, ...]]:
    try:
        return robust_coefficients(
            clusters,
            fit.between,
            fit.within,
            design.basis,
            design.yi,
            fit.gamma,
            terms,
            back,
            level,
        )
    except PoolingError as err:
        return (), (f"no robust errors: {err}",)


def _sampling_only(clusters: Clusters, design: Design) -> tuple[float, float]:
    """Q and the typical sampling variance, from the model without random effects."""
    covariance = Covariance(clusters, 0.0, 0.0)
    model = model_at(covariance, design)
    squares = model.solved_basis.T @ model.solved_basis
    trace = covariance.trace_of_inverse() - float(np.sum(model.gram_inverse * squares))
    k, p = design.basis.shape
    if not trace > 0.0:
        raise PoolingError(TOO_FAR_APART)
    return float(model.residuals @ model.pulled), (k - p) / trace
