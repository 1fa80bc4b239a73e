"""Bayesian random-effects meta-analysis by quadrature: no sampling, no seed.

Given tau the pooled effect is normal, so only tau is integrated numerically; the posterior is a
mixture of normals over the nodes. Röver (2020) doi:10.18637/jss.v093.i06; priors for tau: Röver
et al. (2021) doi:10.1002/jrsm.1475.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis import distributions
from ipt_evidence.meta_analysis.inputs import FloatArray, effects_and_variances
from ipt_evidence.meta_analysis.roots import root_between

__all__ = ["bayesian_pool"]

PRIORS = ("half-normal", "half-cauchy")
PANELS, NODES = 48, 20  # Gauss-Legendre nodes over tau / (tau + scale) in (0, 1)
# Panels crowd towards 0, where the posterior of tau has its mass when studies agree.
_EDGES = np.linspace(0.0, 1.0, PANELS + 1) ** 2
ROUNDING = 1e-9  # standard deviations added at both ends of a search


@dataclass(frozen=True, slots=True)
class Posterior:
    """Mean, standard deviation, median and central credible interval of a quantity.

    Under a half-Cauchy prior the posterior of tau falls like tau to the minus (k + 1), and with a
    normal prior of mu to the minus (k + 2). With few studies the mean or the sd is then infinite,
    and None.
    """

    mean: float | None
    sd: float | None
    median: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class BayesianPool:
    """Posterior of a random-effects meta-analysis.

    Attributes
    ----------
    mu, tau, predicted
        Mean effect, between-study standard deviation, true effect in a new study.
    shrunken
        True effect of each study, (K,), shrunken towards the mean.
    probability_above
        P(mu > mid).
    probability_new_above
        P(true effect in a new study > mid).
    mid
        The smallest effect that matters, in units of yi.
    """

    k: int
    mu: Posterior
    tau: Posterior
    predicted: Posterior
    shrunken: tuple[Posterior, ...]
    probability_above: float
    probability_new_above: float
    mid: float
    tau_prior: str
    tau_scale: float
    mu_mean: float
    mu_sd: float | None
    level: float


def bayesian_pool(
    yi: npt.ArrayLike,
    vi: npt.ArrayLike,
    *,
    tau_prior: str = "half-normal",
    tau_scale: float = 0.5,
    mu_mean: float = 0.0,
    mu_sd: float | None = None,
    mid: float = 0.0,
    level: float = 95.0,
) -> BayesianPool:
    """Posterior of the normal-normal hierarchical model.

    Parameters
    ----------
    yi, vi
        Effects and sampling variances, each (K,), K >= 1.
    tau_prior, tau_scale
        "half-normal" or "half-cauchy" with this scale in units of yi. A half-normal of 0.5 is
        weakly informative for standardised mean differences.
    mu_mean, mu_sd
        Normal prior of the mean effect; flat when `mu_sd` is None.
    mid
        Minimal important difference.
    level
        Percent of the credible intervals, which are central.

    Raises
    ------
    PoolingError
        If effects are unusable, the prior is unknown or a scale is not positive.
    """
    effects, variances = effects_and_variances(yi, vi)
    _check_priors(tau_prior, tau_scale, mu_sd)
    tail = distributions.tail_probability(level)
    tau, mass, mean, variance = _posterior_given_tau(
        effects, variances, tau_prior, tau_scale, mu_mean, mu_sd
    )
    spread = variance + tau**2
    moments = _moments(tau_prior, effects.size, flat=mu_sd is None)
    shrinkage = variances[:, None] / (variances[:, None] + tau**2)  # (K, nodes): 1 is full
    own_mean = (1.0 - shrinkage) * effects[:, None] + shrinkage * mean
    own_variance = (1.0 - shrinkage) * variances[:, None] + shrinkage**2 * variance
    return BayesianPool(
        k=effects.size,
        mu=_mixture(mass, mean, variance, tail, moments if mu_sd is None else 2),
        tau=_of_tau(tau, mass, tail, tau_scale, moments),
        predicted=_mixture(mass, mean, spread, tail, moments),
        shrunken=tuple(
            _mixture(mass, own_mean[i], own_variance[i], tail) for i in range(effects.size)
        ),
        probability_above=_above(mass, mean, variance, mid),
        probability_new_above=_above(mass, mean, spread, mid),
        mid=mid,
        tau_prior=tau_prior,
        tau_scale=tau_scale,
        mu_mean=mu_mean,
        mu_sd=mu_sd,
        level=level,
    )


def _check_priors(tau_prior: str, tau_scale: float, mu_sd: float | None) -> None:
    if tau_prior not in PRIORS:
        raise PoolingError(f"unknown tau_prior {tau_prior!r}: choose {' or '.join(PRIORS)}")
    if not 0.0 < tau_scale < math.inf or (mu_sd is not None and not 0.0 < mu_sd < math.inf):
        raise PoolingError("tau_scale and mu_sd must be positive numbers")


def _posterior_given_tau(
    yi: FloatArray,
    vi: FloatArray,
    prior: str,
    scale: float,
    mu_mean: float,
    mu_sd: float | None,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Nodes of tau, their posterior mass, and mean and variance of mu given each, (nodes,)."""
    position, width = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * np.diff(_EDGES)[:, None]
    u = (_EDGES[:-1, None] + half * (1.0 + position)).ravel()
    measure = (half * width).ravel() / (1.0 - u) ** 2 * scale
    tau = scale * u / (1.0 - u)
    ratio = tau / scale
    log_prior = -0.5 * ratio**2 if prior == "half-normal" else -np.log1p(ratio**2)
    weights = 1.0 / (vi + (tau**2)[:, None])
    prior_weight = 0.0 if mu_sd is None else 1.0 / mu_sd**2
    total = weights.sum(axis=1) + prior_weight
    mean = (weights @ yi + prior_weight * mu_mean) / total
    misfit = np.einsum("ij,ij->i", weights, (yi - mean[:, None]) ** 2)
    misfit += prior_weight * (mean - mu_mean) ** 2
    log_density = 0.5 * (np.log(weights).sum(axis=1) - np.log(total) - misfit) + log_prior
    mass = np.exp(log_density - log_density.max()) * measure
    return tau, mass / mass.sum(), mean, 1.0 / total


def _moments(prior: str, k: int, *, flat: bool) -> int:
    """How many moments of tau exist, 2 at most: those below the power by which its tail falls."""
    return 2 if prior == "half-normal" else min(2, k - 1 + (not flat))


def _mixture(
    mass: FloatArray, mean: FloatArray, variance: FloatArray, tail: float, moments: int = 2
) -> Posterior:
    centre = float(mass @ mean)
    sd = math.sqrt(float(mass @ (variance + (mean - centre) ** 2)))
    quantiles = [_mixture_quantile(mass, mean, np.sqrt(variance), p) for p in (0.5, tail, 1 - tail)]
    return Posterior(centre if moments else None, sd if moments == 2 else None, *quantiles)


def _mixture_quantile(mass: FloatArray, mean: FloatArray, sd: FloatArray, p: float) -> float:
    carried = mass > 1e-18
    mass, mean, sd = mass[carried], mean[carried], sd[carried]
    # Each part has its p quantile; the mixture's lies between the smallest and the largest.
    parts = mean + sd * special.ndtri(p)
    margin = ROUNDING * float(sd.max())
    low, high = float(parts.min()) - margin, float(parts.max()) + margin
    return root_between(
        lambda x: float(mass @ special.ndtr((x - mean) / sd)) - p, low, high, 1e-14 * (high - low)
    )


def _of_tau(
    tau: FloatArray, mass: FloatArray, tail: float, scale: float, moments: int
) -> Posterior:
    quantiles = [_tau_quantile(mass, p, scale) for p in (0.5, tail, 1.0 - tail)]
    mean = float(mass @ tau)
    sd = math.sqrt(float(mass @ (tau - mean) ** 2))
    return Posterior(mean if moments else None, sd if moments == 2 else None, *quantiles)


def _tau_quantile(mass: FloatArray, p: float, scale: float) -> float:
    """Quantile of tau, read off the polynomial through the nodes of the panel that holds it."""
    panels = mass.reshape(PANELS, NODES)
    ends = np.cumsum(panels.sum(axis=1))
    panel = min(int(np.searchsorted(ends, p)), PANELS - 1)
    wanted = p - (float(ends[panel - 1]) if panel else 0.0)
    # Gauss-Legendre masses give the Legendre coefficients of the density within the panel.
    position, _ = np.polynomial.legendre.leggauss(NODES)
    basis = np.polynomial.legendre.legvander(position, NODES - 1)
    density = (np.arange(NODES) + 0.5) * (panels[panel] @ basis)
    below = np.polynomial.legendre.legint(density, lbnd=-1.0)
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        reached = float(np.polynomial.legendre.legval(middle, below))
        low, high = (middle, high) if reached < wanted else (low, middle)
    left, right = _EDGES[panel], _EDGES[panel + 1]
    u = float(left + (right - left) * 0.5 * (1.0 + low))
    return scale * u / (1.0 - u)


def _above(mass: FloatArray, mean: FloatArray, variance: FloatArray, mid: float) -> float:
    return float(mass @ special.ndtr((mean - mid) / np.sqrt(variance)))
