"""Three-level and correlated-and-hierarchical-effects (CHE) models of effects nested in studies.

Effects of a study share its true effect (variance between studies) and differ among themselves
(variance within studies). With `rho` = 0 sampling errors are independent: the three-level model of
Van den Noortgate et al. (2013) doi:10.3758/s13428-012-0261-6, metafor's
`rma.mv(yi, vi, random = ~ 1 | study/effect)`. With `rho` > 0 they are correlated as well: the CHE
model of Pustejovsky & Tipton (2022) doi:10.1007/s11121-021-01246-3, whose V has cov = rho si sj.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.coefficients import (
    BareCoefficient,
    Coding,
    Coefficient,
    Moderators,
    code_moderators,
    coefficient_table,
    collinear,
    design_matrix,
    joint_test,
)
from ipt_evidence.meta_analysis.dependent_effects.blocks import Clusters, Covariance
from ipt_evidence.meta_analysis.dependent_effects.components import (
    ComponentFit,
    VarianceInterval,
    fit_components,
    model_at,
    profiled,
)
from ipt_evidence.meta_analysis.dependent_effects.robust import (
    JointTest,
    RobustTable,
    robust_table,
    sorted_clusters,
)
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances, labels_of
from ipt_evidence.meta_analysis.linear_model import ILL_CONDITIONED, RANK_TOLERANCE, Design

__all__ = ["MultilevelModel", "multilevel", "variance_intervals"]

NOTE_SATURATED = (
    "the moderators fit every study exactly, so that the variance between studies and the errors "
    "that rest on it cannot be estimated: leave a moderator out"
)


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
        The same estimates with cluster-robust errors and Satterthwaite df: report these.
        Empty where they do not exist, bare where one does not; `notes` says why.
    robust_joint
        Robust test of each moderator and of all together (HTZ); empty without moderators.
    pi_lower, pi_upper
        Prediction interval for the true effect in a new study (model-based), None with
        moderators.
    tau2_between, tau2_within
        Variances of true effects between and within studies. The one between is None, and the
        model-based errors are bare, where the moderators fit every study exactly.
    i2_between, i2_within
        Shares of total variance in percent, against the sampling variance of a typical effect;
        None where tau2_between is.
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
    coefficients: tuple[Coefficient | BareCoefficient, ...]
    robust_coefficients: tuple[Coefficient | BareCoefficient, ...]
    robust_joint: tuple[JointTest, ...]
    pi_lower: float | None
    pi_upper: float | None
    tau2_between: float | None
    tau2_within: float
    i2_between: float | None
    i2_within: float | None
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
    moderators: Moderators | None = None,
    method: str = "REML",
    test: str = "t",
    level: float = 95.0,
    robust: str = "CR2",
    smooth: bool = False,
    sampling: npt.ArrayLike | None = None,
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
    robust
        Robust errors: "CR2" or "CR1".
    smooth
        Give each effect the mean sampling variance of its study, so that the variances do not
        follow the effects (clubSandwich `impute_covariance_matrix(smooth_vi = TRUE)`; Pustejovsky
        & Tipton 2022).
    sampling
        Known covariance of all sampling errors, (K, K), such as that of arms compared with one and
        the same arm (`escalc.shared_covariance`); in the place of `vi` and `rho`, as V of metafor's
        `rma.mv`. That between studies must be 0.

    Raises
    ------
    PoolingError
        If input is unusable (naming positions), there is one study only, or no study has several
        effects, so that the two variances cannot be separated: use `models.pool`.
    """
    _check_choices(method, test)
    nested = _nested(yi, vi, study, rho, moderators, smooth, sampling)
    fit = nested.fit(method)
    found = _assemble(nested, fit, rho, method, test, level, robust)
    found = replace(found, notes=collinear(nested.codings, nested.x) + found.notes)
    return found if nested.between else _without_between(found)


def variance_intervals(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    *,
    rho: float = 0.6,
    moderators: Moderators | None = None,
    method: str = "REML",
    level: float = 95.0,
    smooth: bool = False,
    sampling: npt.ArrayLike | None = None,
) -> tuple[VarianceInterval, VarianceInterval]:
    """Profile intervals and likelihood-ratio tests of the variances between and within studies.

    Arguments and refusals are those of `multilevel`, whose tau2_between and tau2_within these are.

    Raises
    ------
    PoolingError
        Also if the moderators fit every study exactly.
    """
    _check_choices(method, "t")
    nested = _nested(yi, vi, study, rho, moderators, smooth, sampling)
    if not nested.between:
        raise PoolingError(NOTE_SATURATED)
    found = profiled(
        nested.clusters, nested.design, nested.fit(method), restricted=method == "REML", level=level
    )
    square = nested.unit**2
    first, second = (
        replace(
            one,
            variance=one.variance * square,
            ci_lower=one.ci_lower * square,
            ci_upper=None if one.ci_upper is None else one.ci_upper * square,
        )
        for one in found
    )
    return first, second


@dataclass(frozen=True, slots=True)
class _Nested:
    """Effects of studies ready to be fitted, in units of a typical standard error (`unit`)."""

    clusters: Clusters
    design: Design
    unit: float
    x: FloatArray
    terms: tuple[str, ...]
    codings: tuple[Coding, ...]
    between: bool

    def fit(self, method: str) -> ComponentFit:
        """Variances and coefficients; the variance between studies 0 where nothing tells it."""
        fixed = (None if self.between else 0.0, None)
        return fit_components(self.clusters, self.design, restricted=method == "REML", fixed=fixed)

    def coefficients(self, fit: ComponentFit) -> tuple[FloatArray, FloatArray]:
        """Coefficients (p,) in the units of the effects, and their covariance (p, p)."""
        back = self.design.back * self.unit
        covariance = back @ fit.gram_inverse @ back.T
        if not (covariance.diagonal() > 0.0).all():
            raise PoolingError(ILL_CONDITIONED)  # nothing but rounding is left of an error
        return back @ fit.gamma, covariance


def _check_choices(method: str, test: str) -> None:
    if method not in ("REML", "ML"):
        raise PoolingError(f"unknown method {method!r}: choose REML or ML")
    if test not in ("t", "z"):
        raise PoolingError(f"unknown test {test!r}: choose t or z")


def _nested(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    study: Sequence[object] | npt.NDArray[np.generic],
    rho: float,
    moderators: Moderators | None,
    smooth: bool,
    sampling: npt.ArrayLike | None = None,
) -> _Nested:
    effects, variances = effects_and_variances(yi, vi, least=3)
    labels = labels_of(study, effects.size, "study")
    if not 0.0 <= rho < 1.0:
        raise PoolingError(f"rho {rho!r} is not a correlation of at least 0 and below 1")
    chosen = moderators or {}
    codings = code_moderators(chosen, effects.size)
    x, terms = design_matrix(codings, chosen, effects.size)
    order, clusters = sorted_clusters(variances, labels, rho)
    if smooth:
        clusters = replace(clusters, vi=clusters.means(clusters.vi))
    if sampling is not None:
        clusters = replace(clusters, sampling=_covariances(sampling, order, clusters))
    _check_identified(effects.size, clusters)
    # In units of a typical standard error, so that the optimiser's tolerances fit any scale.
    unit = math.sqrt(effects.size / float(np.sum(1.0 / clusters.vi)))
    design = Design.of(effects[order] / unit, clusters.vi / unit**2, x[order], terms)
    between = not _tells_studies_apart(design, clusters)
    known = None if clusters.sampling is None else clusters.sampling / unit**2
    scaled = replace(clusters, vi=design.vi, sampling=known)
    return _Nested(scaled, design, unit, x, terms, codings, between)


def _covariances(
    sampling: npt.ArrayLike, order: npt.NDArray[np.intp], clusters: Clusters
) -> FloatArray:
    """The covariance matrix in the order of `clusters`, checked against it."""
    matrix = np.asarray(sampling, dtype=np.float64)
    if matrix.shape != (order.size, order.size) or not np.isfinite(matrix).all():
        raise PoolingError(f"sampling is no finite matrix of {order.size} x {order.size}")
    matrix = matrix[np.ix_(order, order)]
    different = clusters.index[:, None] != clusters.index[None, :]
    if not np.allclose(matrix, matrix.T) or np.any(matrix[different] != 0.0):
        raise PoolingError("sampling must be symmetric, and 0 between studies")
    if not np.allclose(np.diag(matrix), clusters.vi):
        raise PoolingError("the diagonal of sampling must hold the variances vi")
    return matrix


def _tells_studies_apart(design: Design, clusters: Clusters) -> bool:
    """Whether each study has a mean of its own in the design, so that nothing varies between."""
    member = (clusters.index[:, None] == np.arange(clusters.starts.size)).astype(np.float64)
    left = member - design.basis @ (design.basis.T @ member)
    return bool(np.abs(left).max() < RANK_TOLERANCE)


def _without_between(found: MultilevelModel) -> MultilevelModel:
    """Take back what rests on a variance between studies that the effects do not tell."""
    bare = tuple(BareCoefficient(row.term, row.estimate) for row in found.coefficients)
    return replace(
        found,
        coefficients=bare,
        tau2_between=None,
        i2_between=None,
        i2_within=None,
        qm=None,
        qm_df1=None,
        qm_df2=None,
        qm_p=None,
        notes=(NOTE_SATURATED, *found.notes),
    )


def _check_identified(k: int, clusters: Clusters) -> None:
    if clusters.starts.size < 2:
        raise PoolingError("all effects come from one study: there is nothing to pool across")
    if clusters.starts.size == k:
        raise PoolingError(
            "each study has one effect, so that variance within studies cannot be separated from "
            "variance between them: use models.pool"
        )


def _assemble(
    nested: _Nested, fit: ComponentFit, rho: float, method: str, test: str, level: float, kind: str
) -> MultilevelModel:
    clusters, design, unit = nested.clusters, nested.design, nested.unit
    k, p = design.basis.shape
    df = k - p if test == "t" else None
    beta, covariance = nested.coefficients(fit)
    coefficients = coefficient_table(nested.terms, beta, covariance, df, level)
    robust = _robust_or_why(nested, fit, kind, level)
    total = fit.between + fit.within
    reach = distributions.critical_value(level, df) * math.sqrt(total * unit**2 + covariance[0, 0])
    centre = coefficients[0].estimate if p == 1 else None
    q, typical = _sampling_only(clusters, design)
    qm, df1, df2, qm_p = joint_test(beta[1:], covariance[1:, 1:], df)
    return MultilevelModel(
        k=k,
        n_studies=clusters.starts.size,
        coefficients=coefficients,
        robust_coefficients=robust.coefficients,
        robust_joint=robust.joint,
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
        notes=robust.notes,
    )


def _robust_or_why(nested: _Nested, fit: ComponentFit, kind: str, level: float) -> RobustTable:
    design = replace(nested.design, back=nested.design.back * nested.unit)
    variances = (fit.between, fit.within)
    try:
        return robust_table(
            nested.clusters, variances, design, fit.gamma, nested.terms, nested.codings, kind, level
        )
    except PoolingError as err:
        return RobustTable(notes=(f"no robust errors: {err}",))


def _sampling_only(clusters: Clusters, design: Design) -> tuple[float, float]:
    """Q and the typical sampling variance, from the model without random effects."""
    covariance = Covariance(clusters, 0.0, 0.0)
    model = model_at(covariance, design)
    squares = model.solved_basis.T @ model.solved_basis
    trace = covariance.trace_of_inverse() - float(np.sum(model.gram_inverse * squares))
    k, p = design.basis.shape
    if not trace > 0.0:
        raise PoolingError(ILL_CONDITIONED)
    return float(model.residuals @ model.weighted_residuals), (k - p) / trace
