"""``analysis.R``: the number on the screen, by metafor, from the rows beside it."""

from __future__ import annotations

from ipt_evidence.exchange.shown import Shown

__all__ = ["r_script"]

_HEAD = """\
# {title}
#
# Run it where it stands:   Rscript analysis.R
# It needs R and the package metafor{more}:   install.packages(c({packages}))
#
# It reads data/effects.csv (one row an effect: yi is Hedges g, positive favours IPT; vi is its
# sampling variance), pools them as the explorer did, and says whether the numbers agree.

suppressPackageStartupMessages({{
{library}
}})

here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
if (length(here) == 1) setwd(dirname(normalizePath(gsub("~+~", " ", here, fixed = TRUE))))

# ---- the effects ---------------------------------------------------------------------------------
effects <- read.csv("data/effects.csv", na.strings = "NA", encoding = "UTF-8")
effects$study <- factor(effects$study_id, levels = unique(effects$study_id))
effects <- escalc(yi = yi, vi = vi, data = effects)
"""

_AGGREGATED = """
# ---- several effects of one trial are combined first, so that each trial counts once -------------
trials <- aggregate(effects, cluster = study, struct = "CS", rho = {rho})
cat(nrow(effects), "effects of", nrow(trials), "trials\\n\\n")

# ---- the model -----------------------------------------------------------------------------------
"""

_SEVERAL = """\
fit <- rma(yi, vi, data = trials, slab = label, method = "{method}", test = "{test}",
           level = {level}{control})
print(fit)
predicted <- predict(fit)

mine <- c(estimate = as.numeric(fit$beta), ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
          pi_lower = {pi_lower}, pi_upper = {pi_upper}, tau2 = fit$tau2)
"""

_ONE = """\
# One trial: nothing is pooled; this is its own effect with a normal interval.
half <- qnorm(1 - (1 - {level} / 100) / 2) * sqrt(trials$vi)
mine <- c(estimate = as.numeric(trials$yi), ci_lower = as.numeric(trials$yi - half),
          ci_upper = as.numeric(trials$yi + half))
"""

_CHE = """
cat(nrow(effects), "effects of", nlevels(effects$study), "trials\\n\\n")

# ---- correlated and hierarchical effects, with cluster-robust (CR2) errors -----------------------
# Pustejovsky & Tipton 2022, doi:10.1007/s11121-021-01246-3
effects$row <- seq_len(nrow(effects))
V <- vcalc(vi, cluster = study, obs = row, rho = {rho}, data = effects)
fit <- rma.mv(yi, V, random = ~ 1 | study/row, data = effects,
              control = list(optimizer = "optim", reltol = 1e-12))
print(fit)
robust <- conf_int(fit, vcov = "CR2", level = {level} / 100)

mine <- c(estimate = robust$beta, ci_lower = robust$CI_L, ci_upper = robust$CI_U,
          tau2 = sum(fit$sigma2))
"""

_FOREST = """
# ---- a picture -----------------------------------------------------------------------------------
pdf("forest-by-metafor.pdf", width = 9, height = 2.5 + 0.22 * {rows})
{forest}
invisible(dev.off())
"""

_TAIL = """
# ---- does it agree with the explorer? ------------------------------------------------------------
shown <- c({shown})
compared <- data.frame(this_script = round(mine[names(shown)], 6), explorer = round(shown, 6))
print(compared)
cat("\\nData version {version}. Positive favours IPT.\\n")
cat(sprintf("g = %.2f, {level}%% CI %.2f to %.2f\\n",
            mine["estimate"], mine["ci_lower"], mine["ci_upper"]))
if (all(abs(mine[names(shown)] - shown) < {tolerance})) {{
  cat("The explorer showed the same.\\n")
}} else {{
  cat("The explorer showed something else: please tell us, with this output.\\n")
  quit(status = 1)
}}
"""

# metafor stops iterating early by default; these estimators have no iteration to tighten.
_CLOSED_FORM = {"DL", "HE", "HS", "SJ", "EE", "FE"}


def r_script(shown: Shown) -> str:
    """The text of ``analysis.R`` for what stands on the screen."""
    parts = [_head(shown)]
    if shown.che:
        parts.append(_CHE.format(rho=shown.rho, level=shown.level))
        parts.append(_picture(shown, "effects$row", "forest(fit, slab = effects$label)"))
    else:
        parts.append(_AGGREGATED.format(rho=shown.rho))
        parts.append(_model(shown))
        if shown.k > 1:
            parts.append(_picture(shown, "trials$yi", "forest(fit, addpred = TRUE)"))
    parts.append(_tail(shown))
    return "".join(parts)


def _head(shown: Shown) -> str:
    names = ["metafor", "clubSandwich"] if shown.che else ["metafor"]
    return _HEAD.format(
        title=shown.title,
        more=" and clubSandwich" if shown.che else "",
        packages=", ".join(f'"{name}"' for name in names),
        library="\n".join(f"  library({name})" for name in names),
    )


def _model(shown: Shown) -> str:
    if shown.k == 1:
        return _ONE.format(level=shown.level)
    closed = shown.method in _CLOSED_FORM
    common = shown.method in {"EE", "FE"}
    return _SEVERAL.format(
        method=shown.method,
        test=shown.test,
        level=shown.level,
        control=""
        if closed
        else ",\n           control = list(threshold = 1e-10, tol = 1e-10, maxiter = 1e4)",
        pi_lower="NA" if common else "predicted$pi.lb",
        pi_upper="NA" if common else "predicted$pi.ub",
    )


def _picture(shown: Shown, counted: str, forest: str) -> str:
    return _FOREST.format(rows=f"length({counted})", forest=forest)


def _tail(shown: Shown) -> str:
    numbers = ", ".join(f"{name} = {value!r}" for name, value in shown.numbers.items())
    return _TAIL.format(
        shown=numbers, version=shown.data_version, level=shown.level, tolerance=shown.tolerance
    )
