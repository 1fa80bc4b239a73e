# What metafor answers to each question that the bundled data can answer; called by evidence.py.
#
# Standard input: a CSV with a row per effect (question, study, yi, vi). Standard output: a CSV with
# a row per number (question, part, name, value), 12 significant digits, every fit tightened, since
# metafor stops its iterations at 1e-5 by default.
suppressMessages({
  library(metafor)
  library(clubSandwich)
})
tight <- list(threshold = 1e-13, tol = 1e-13, maxiter = 1e4)

tell <- function(question, part, name, value) {
  if (length(value) == 0) value <- NA
  value <- sprintf("%.12g", unname(value))
  cat(sprintf('"%s",%s,%s,%s\n', question, part, name, value), sep = "")
}

# Correlated and hierarchical effects. nlminb stops near the maximum, or not at all where it is
# asked for more than the likelihood can give: the tightest tolerance that converges. To begin at
# 1e-15 instead of 1e-11 gave the same digits in every case, from three times as many fits.
che <- function(effects) {
  effects$effect <- seq_len(nrow(effects))
  V <- vcalc(vi, cluster = study, obs = effect, rho = 0.6, data = effects)
  for (tolerance in 10^-(11:8)) {
    fit <- try(rma.mv(yi, V,
      random = ~ 1 | study / effect, data = effects, test = "t",
      control = list(optimizer = "nlminb", eval.max = 5000, iter.max = 5000, rel.tol = tolerance)
    ), silent = TRUE)
    if (!inherits(fit, "try-error")) break
  }
  robust <- coef_test(fit, vcov = "CR2", cluster = effects$study)
  list(
    estimate = c(fit$beta), se = robust$SE, stat = robust$tstat, p = robust$p_Satt,
    tau2 = sum(fit$sigma2), q = fit$QE, q_df = fit$k - 1, q_p = fit$QEp
  )
}

answer <- function(question, rows) {
  # A factor in order of first appearance keeps the order of the studies.
  rows$study <- factor(rows$study, levels = unique(rows$study))
  effects <- escalc(yi = yi, vi = vi, data = rows)
  trials <- aggregate(effects, cluster = study, struct = "CS", rho = 0.6)
  fit <- rma(yi, vi, data = trials, method = "REML", test = "knha", control = tight)
  predicted <- predict(fit)
  tell(question, "yi", trials$study, c(trials$yi))
  tell(question, "vi", trials$study, c(trials$vi))
  tell(question, "weights", trials$study, weights(fit))
  pooled <- list(
    k = fit$k, estimate = c(fit$beta), se = fit$se, ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
    pi_lower = predicted$pi.lb, pi_upper = predicted$pi.ub, tau2 = fit$tau2, i2 = fit$I2,
    h2 = fit$H2, q = fit$QE, q_df = fit$k - fit$p, q_p = fit$QEp, stat = fit$zval, p = fit$pval
  )
  for (name in names(pooled)) tell(question, "pooled", name, pooled[[name]])
  if (any(duplicated(rows$study))) {
    for (name in names(all <- che(rows))) tell(question, "che", name, all[[name]])
  }
}

rows <- read.csv(file("stdin"), colClasses = c("character", "character", "numeric", "numeric"))
for (package in c("R", "metafor", "clubSandwich")) {
  version <- if (package == "R") getRversion() else packageVersion(package)
  cat(sprintf('"",source,%s,%s\n', package, version))
}
for (question in unique(rows$question)) answer(question, rows[rows$question == question, ])
