# Expected estimates for every question that the bundled data can answer, by R metafor.
#
# Run from the repository root, after data/effects.csv has changed:
#   .venv/bin/python tests/reference/evidence.py | Rscript tests/reference/evidence.R
# It reads the rows of each question (study, yi, vi) as JSON and writes tests/reference/evidence.json.
suppressMessages({
  library(metafor)
  library(jsonlite)
})
questions <- fromJSON(file("stdin"), simplifyVector = TRUE)
tight <- list(threshold = 1e-13, tol = 1e-13, maxiter = 1e4)

answer <- function(rows) {
  rows <- as.data.frame(rows)
  rows$study <- factor(rows$study, levels = unique(rows$study))
  effects <- escalc(yi = yi, vi = vi, data = rows)
  trials <- aggregate(effects, cluster = study, struct = "CS", rho = 0.6)
  fit <- rma(yi, vi, data = trials, method = "REML", test = "knha", control = tight)
  predicted <- predict(fit)
  list(
    study = as.character(trials$study), yi = as.numeric(trials$yi), vi = as.numeric(trials$vi),
    estimate = as.numeric(fit$beta), se = fit$se, ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
    pi_lower = predicted$pi.lb, pi_upper = predicted$pi.ub,
    tau2 = fit$tau2, i2 = fit$I2, q = fit$QE, q_p = fit$QEp
  )
}

result <- list(
  source = list(
    call = paste(
      "aggregate(escalc(yi, vi), cluster = study, struct = 'CS', rho = 0.6);",
      "rma(yi, vi, method = 'REML', test = 'knha',",
      "control = list(threshold = 1e-13, tol = 1e-13, maxiter = 1e4)); predict()"
    ),
    metafor = as.character(packageVersion("metafor")),
    R = R.version.string
  ),
  cases = lapply(questions, answer)
)
json <- toJSON(result, auto_unbox = TRUE, digits = 17, pretty = TRUE)
# vectors of one study would be unboxed to a scalar; every case here has two or more
writeLines(json, "tests/reference/evidence.json")
