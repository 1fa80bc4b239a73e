# Reference values for the statistics, computed with R.
#
#   make reference                                      (all topics, where an input has changed)
#   Rscript tests/reference/make_reference.R pooling    (only these topics)
#
# Needs metafor, clubSandwich, jsonlite and numDeriv. Reads data/*.csv beside this file (invented numbers,
# see make_data.py) and writes one JSON file per topic: versions, the R call and 17 digits of
# every value. metafor stops its iterations at 1e-5 by default, hence the tight control.

suppressMessages({
  library(metafor)
  library(clubSandwich)
  library(jsonlite)
})

here <- "tests/reference"
tight <- list(threshold = 1e-13, tol = 1e-13, maxiter = 1e4)
tables <- sapply(
  c("mixed", "even", "few", "pair", "skewed", "clustered", "means", "events", "two_maxima"),
  function(name) read.csv(file.path(here, "data", paste0(name, ".csv"))),
  simplify = FALSE
)

# jsonlite stops at 15 digits; doubles are written out here with the 17 that identify them.
whole <- function(x) {
  if (is.list(x)) {
    return(lapply(x, whole))
  }
  if (!is.double(x)) {
    return(x)
  }
  text <- ifelse(is.finite(x), sprintf("%.17g", x), "null")
  if (length(x) != 1 || inherits(x, "AsIs")) text <- paste0("[", paste(text, collapse = ", "), "]")
  structure(text, class = "json")
}

wanted <- commandArgs(trailingOnly = TRUE)
store <- function(topic, cases) {
  # `cases` is evaluated only if the topic is wanted.
  if (length(wanted) && !topic %in% wanted) {
    return(invisible())
  }
  source <- list(
    R = R.version.string, metafor = as.character(packageVersion("metafor")),
    clubSandwich = as.character(packageVersion("clubSandwich")),
    script = "tests/reference/make_reference.R"
  )
  text <- toJSON(whole(list(source = source, cases = cases)),
    auto_unbox = TRUE, null = "null", json_verbatim = TRUE, pretty = 1
  )
  writeLines(text, file.path(here, paste0(topic, ".json")))
  cat(topic, length(cases), "cases\n")
}

# One case: the call as text, evaluated on the data set, its result turned into a list by `pick`.
case <- function(id, dataset, call, pick, ...) {
  value <- suppressWarnings(eval(parse(text = call), list(dat = tables[[dataset]], tight = tight)))
  list(id = id, dataset = dataset, call = call, ..., expected = pick(value))
}

fit_values <- function(f) {
  p <- predict(f)
  list(
    k = f$k, estimate = c(f$beta), se = f$se, ci_lower = f$ci.lb, ci_upper = f$ci.ub,
    pi_lower = if (length(p$pi.lb)) p$pi.lb else NA, pi_upper = if (length(p$pi.ub)) p$pi.ub else NA,
    tau2 = f$tau2, i2 = f$I2, h2 = f$H2, q = f$QE, q_df = f$k - f$p, q_p = f$QEp,
    stat = f$zval, p = f$pval, weights = unname(weights(f))
  )
}

# ---- pooling: every data set, method, test; two more levels ------------------------------------
pooling <- function() {
  cases <- list()
  methods <- c("EE", "FE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB")
  grid <- expand.grid(
    dataset = c("mixed", "even", "few", "pair", "skewed"), method = methods,
    test = c("z", "t", "knha", "adhoc"), level = 95, stringsAsFactors = FALSE
  )
  more <- expand.grid(
    dataset = "mixed", method = "REML", test = c("z", "knha"), level = c(80, 99.9),
    stringsAsFactors = FALSE
  )
  grid <- rbind(grid, more)
  for (i in seq_len(nrow(grid))) {
    g <- grid[i, ]
    call <- sprintf(
      'rma(yi, vi, data=dat, method="%s", test="%s", level=%s, control=tight)',
      g$method, g$test, format(g$level)
    )
    id <- paste(g$dataset, g$method, g$test, format(g$level), sep = "-")
    cases[[i]] <- case(id, g$dataset, call, fit_values,
      method = g$method, test = g$test, level = g$level
    )
  }
  cases
}
store("pooling", pooling())

# ---- Q-profile intervals ------------------------------------------------------------------------
profile <- function() {
  grid <- expand.grid(
    dataset = c("mixed", "even", "few", "pair", "skewed"), method = c("REML", "DL"),
    level = c(95, 80), stringsAsFactors = FALSE
  )
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf(
      'confint(rma(yi, vi, data=dat, method="%s", control=tight), level=%s, control=list(tol=1e-13, tau2.max=1e4))',
      g$method, format(g$level)
    )
    pick <- function(x) {
      r <- x$random
      list(
        tau2 = r["tau^2", ], i2 = r["I^2(%)", ], h2 = r["H^2", ]
      )
    }
    case(paste(g$dataset, g$method, g$level, sep = "-"), g$dataset, call, pick,
      method = g$method, level = g$level
    )
  })
}
store("tau2_intervals", profile())

# ---- effect sizes -------------------------------------------------------------------------------
effect_values <- function(x) list(yi = c(x$yi), vi = c(x$vi))
effect_sizes <- function() {
  means <- "m1i=mean1, sd1i=sd1, n1i=n1, m2i=mean2, sd2i=sd2, n2i=n2, data=dat)"
  events <- "ai=events1, n1i=n1, ci=events2, n2i=n2, data=dat)"
  list(
    case("smd-LS", "means", paste0('escalc(measure="SMD", ', means), effect_values),
    case("smd-UB", "means", paste0('escalc(measure="SMD", vtype="UB", ', means), effect_values),
    case("mean_difference", "means", paste0('escalc(measure="MD", ', means), effect_values),
    case("log_odds_ratio", "events", paste0('escalc(measure="OR", ', events), effect_values),
    case("log_risk_ratio", "events", paste0('escalc(measure="RR", ', events), effect_values),
    case("risk_difference", "events", paste0('escalc(measure="RD", ', events), effect_values),
    case("smd_from_log_odds", "events", paste0('escalc(measure="OR2DL", ', events), effect_values)
  )
}
store("effect_sizes", effect_sizes())

# ---- aggregation --------------------------------------------------------------------------------
aggregation <- function() {
  grid <- expand.grid(rho = c(0, 0.3, 0.6, 0.9), weighted = c(TRUE, FALSE))
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    # A factor in order of first appearance keeps the order of the rows.
    call <- sprintf(
      'aggregate(escalc(yi=yi, vi=vi, data=dat), cluster=study, struct="CS", rho=%s, weighted=%s)',
      g$rho, g$weighted
    )
    pick <- function(x) list(study = as.character(x$study), yi = c(x$yi), vi = c(x$vi))
    case(paste0("rho", g$rho, if (g$weighted) "-weighted" else "-plain"), "clustered", call, pick,
      rho = g$rho, weighted = g$weighted
    )
  })
}
store("aggregation", aggregation())

# ---- meta-regression ----------------------------------------------------------------------------
regression_values <- function(f) {
  list(
    k = f$k, estimate = c(f$beta), se = f$se, stat = f$zval, p = f$pval, ci_lower = f$ci.lb,
    ci_upper = f$ci.ub, covariance = unname(split(f$vb, row(f$vb))), tau2 = f$tau2, i2 = f$I2,
    h2 = f$H2, r2 = if (is.null(f$R2)) NA else f$R2, qe = f$QE, qe_df = f$k - f$p, qe_p = f$QEp,
    qm = f$QM, qm_df1 = f$m, qm_df2 = if (is.na(f$QMdf[2])) NA else f$QMdf[2], qm_p = f$QMp
  )
}
regression <- function() {
  grid <- expand.grid(
    mods = c("dose", "year", "format", "dose + year", "dose + format"),
    method = c("FE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"),
    test = c("z", "t", "knha", "adhoc"), dataset = c("mixed", "skewed"), stringsAsFactors = FALSE
  )
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf(
      'rma(yi, vi, mods = ~ %s, data=dat, method="%s", test="%s", control=tight)',
      g$mods, g$method, g$test
    )
    case(paste(g$dataset, gsub(" ", "", g$mods), g$method, g$test, sep = "-"), g$dataset, call,
      regression_values, moderators = I(strsplit(g$mods, " + ", fixed = TRUE)[[1]]),
      method = g$method, test = g$test
    )
  })
}
store("regression", regression())

prediction <- function() {
  lapply(c("z", "knha"), function(test) {
    call <- sprintf(
      'predict(rma(yi, vi, mods = ~ dose, data=dat, test="%s", control=tight), newmods=c(4, 10, 20))',
      test
    )
    pick <- function(p) {
      list(
        estimate = p$pred, se = p$se, ci_lower = p$ci.lb, ci_upper = p$ci.ub,
        pi_lower = p$pi.lb, pi_upper = p$pi.ub
      )
    }
    case(paste0("dose-", test), "mixed", call, pick, test = test, dose = c(4, 10, 20))
  })
}
store("prediction", prediction())

# ---- subgroups ----------------------------------------------------------------------------------
subgroup <- function() {
  common <- lapply(c("z", "knha"), function(test) {
    call <- sprintf(
      'list(rma(yi, vi, mods = ~ format - 1, data=dat, test="%s", control=tight),
            rma(yi, vi, mods = ~ format, data=dat, test="%s", control=tight))', test, test
    )
    pick <- function(f) {
      list(
        estimate = c(f[[1]]$beta), se = f[[1]]$se, ci_lower = f[[1]]$ci.lb,
        ci_upper = f[[1]]$ci.ub, tau2 = rep(f[[1]]$tau2, 3), q = f[[2]]$QM, p = f[[2]]$QMp
      )
    }
    case(paste0("common-", test), "mixed", call, pick, common = TRUE, test = test)
  })
  separate <- lapply(c("z", "knha"), function(test) {
    call <- sprintf(
      'lapply(c("group", "individual", "remote"), function(g)
         rma(yi, vi, data=dat[dat$format == g, ], test="%s", control=tight))', test
    )
    pick <- function(fits) {
      get <- function(name) sapply(fits, function(f) c(f[[name]]))
      between <- rma(get("beta"), sei = get("se"), method = "FE")
      list(
        estimate = get("beta"), se = get("se"), ci_lower = get("ci.lb"), ci_upper = get("ci.ub"),
        tau2 = get("tau2"), q = between$QE, p = between$QEp
      )
    }
    case(paste0("separate-", test), "mixed", call, pick, common = FALSE, test = test)
  })
  c(common, separate)
}
store("subgroups", subgroup())

# ---- effects nested in studies: three-level and CHE, model-based and CR2 -----------------------
multilevel <- function() {
  exact <- list(optimizer = "nlminb", eval.max = 5000, iter.max = 5000)
  grid <- expand.grid(
    rho = c(0, 0.3, 0.6, 0.9), mods = c("1", "year", "rater"), method = c("REML", "ML"),
    stringsAsFactors = FALSE
  )
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    dat <- tables$clustered
    dat$effect <- seq_len(nrow(dat))
    V <- vcalc(vi, cluster = study, obs = effect, rho = g$rho, data = dat)
    call <- sprintf(
      'rma.mv(yi, vcalc(vi, cluster=study, obs=effect, rho=%s), mods = ~ %s, random = ~ 1 | study/effect, method="%s", test="t")',
      g$rho, g$mods, g$method
    )
    # The optimiser gives up when asked for more than it can reach: loosen until it agrees.
    for (tolerance in 10^-(15:8)) {
      f <- try(rma.mv(yi, V,
        mods = as.formula(paste("~", g$mods)), random = ~ 1 | study / effect, data = dat,
        method = g$method, test = "t", control = c(exact, rel.tol = tolerance)
      ), silent = TRUE)
      if (!inherits(f, "try-error")) break
    }
    robust <- coef_test(f, vcov = "CR2", cluster = dat$study)
    limits <- conf_int(f, vcov = "CR2", cluster = dat$study)
    W <- solve(V)
    X <- model.matrix(f)
    P <- W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W
    typical <- (f$k - f$p) / sum(diag(P))
    p <- predict(f)
    list(
      id = paste0("rho", g$rho, "-", g$mods, "-", g$method), dataset = "clustered", call = call,
      rho = g$rho, moderators = g$mods, method = g$method,
      expected = list(
        estimate = c(f$beta), se = f$se, stat = f$zval, p = f$pval, ci_lower = f$ci.lb,
        ci_upper = f$ci.ub, tau2_between = f$sigma2[1], tau2_within = f$sigma2[2],
        i2_between = 100 * f$sigma2[1] / (sum(f$sigma2) + typical),
        i2_within = 100 * f$sigma2[2] / (sum(f$sigma2) + typical),
        q = f$QE, q_p = f$QEp, log_likelihood = c(logLik(f)),
        pi_lower = if (g$mods == "1") p$pi.lb else NA, pi_upper = if (g$mods == "1") p$pi.ub else NA,
        robust_se = robust$SE, robust_stat = robust$tstat, robust_df = robust$df,
        robust_p = robust$p_Satt, robust_ci_lower = limits$CI_L, robust_ci_upper = limits$CI_U
      )
    )
  })
}
store("multilevel", multilevel())

# ---- robust errors for a model of independent effects ------------------------------------------
robust_simple <- function() {
  lapply(c("1", "year", "rater"), function(mods) {
    call <- sprintf(
      'robust(rma(yi, vi, mods = ~ %s, data=dat, control=tight), cluster=study, clubSandwich=TRUE)', mods
    )
    pick <- function(f) {
      list(
        tau2 = f$tau2, estimate = c(f$beta), se = f$se, df = f$dfs, p = f$pval,
        ci_lower = f$ci.lb, ci_upper = f$ci.ub
      )
    }
    case(paste0("REML-", mods), "clustered", call, pick, moderators = mods)
  })
}
store("robust", robust_simple())

# ---- small-study effects ------------------------------------------------------------------------
small_sets <- c("mixed", "even", "skewed")
for_each_set <- function(sets, make) {
  unlist(lapply(sets, make), recursive = FALSE)
}

asymmetry <- function() {
  pick <- function(f) list(stat = f$zval, p = f$pval, limit = f$est, limit_lower = f$ci.lb, limit_upper = f$ci.ub)
  rank <- function(f) list(kendall_tau = unname(f$tau), p = f$pval)
  for_each_set(small_sets, function(set) {
    list(
      case(paste0(set, "-lm"), set, 'regtest(rma(yi, vi, data=dat, control=tight), model="lm")', pick, kind = "lm"),
      case(paste0(set, "-mixed"), set, 'regtest(rma(yi, vi, data=dat, control=tight))', pick, kind = "mixed"),
      case(paste0(set, "-begg"), set, 'ranktest(rma(yi, vi, data=dat))', rank, kind = "begg"),
      case(paste0(set, "-begg-ties"), set, 'ranktest(rma(yi, round(vi, 2), data=dat))', rank, kind = "begg-ties")
    )
  })
}
store("asymmetry", asymmetry())

trimming <- function() {
  grid <- expand.grid(
    set = small_sets, estimator = c("L0", "R0", "Q0"), method = c("REML", "DL", "FE"),
    side = c("auto", "left", "right"), stringsAsFactors = FALSE
  )
  pick <- function(f) {
    list(
      k0 = f$k0, k0_se = f$se.k0, side = f$side, estimate = c(f$beta), se = f$se, tau2 = f$tau2,
      filled_yi = I(c(f$yi[f$fill])), filled_vi = I(c(f$vi[f$fill]))
    )
  }
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf(
      'trimfill(rma(yi, vi, data=dat, method="%s", control=tight), estimator="%s"%s)',
      g$method, g$estimator, if (g$side == "auto") "" else sprintf(', side="%s"', g$side)
    )
    refused <- function(x) list(refused = TRUE)
    result <- try(case(paste(unlist(g), collapse = "-"), g$set, call, pick,
      estimator = g$estimator, method = g$method, side = g$side
    ), silent = TRUE)
    if (inherits(result, "try-error")) {
      result <- list(
        id = paste(unlist(g), collapse = "-"), dataset = g$set, call = call, expected = NULL,
        estimator = g$estimator, method = g$method, side = g$side
      )
    }
    result
  })
}
store("trim_and_fill", trimming())

corrections <- function() {
  lm_rows <- function(f) {
    s <- summary(f)$coefficients
    list(estimate = s[, 1], se = s[, 2], stat = s[, 3], p = s[, 4], ci_lower = confint(f)[, 1], ci_upper = confint(f)[, 2])
  }
  for_each_set(small_sets, function(set) {
    list(
      case(paste0(set, "-pet"), set, 'lm(yi ~ sqrt(vi), weights=1/vi, data=dat)', lm_rows, kind = "pet"),
      case(paste0(set, "-peese"), set, 'lm(yi ~ vi, weights=1/vi, data=dat)', lm_rows, kind = "peese"),
      case(paste0(set, "-limit"), set, 'local({
          tau2 <- rma(yi, vi, data=dat, control=tight)$tau2
          s <- sqrt(dat$vi + tau2)
          fit <- lm(I(dat$yi / s) ~ I(1 / s))
          a <- c(sqrt(tau2), 1)
          list(tau2=tau2, fit=fit, se=sqrt(drop(t(a) %*% summary(fit)$cov.unscaled %*% a)))
        })', function(x) {
        b <- unname(coef(x$fit))
        list(adjusted = b[2] + sqrt(x$tau2) * b[1], se = x$se, intercept = b[1], slope = b[2])
      }, kind = "limit"),
      case(paste0(set, "-rosenthal"), set, 'fsn(yi, vi, data=dat)', function(x) list(n = x$fsnum), kind = "rosenthal"),
      case(paste0(set, "-rosenberg"), set, 'fsn(yi, vi, data=dat, type="Rosenberg")', function(x) list(n = x$fsnum), kind = "rosenberg"),
      case(paste0(set, "-orwin"), set, 'fsn(yi, vi, data=dat, type="Orwin", target=0.2)', function(x) list(n = x$fsnum), kind = "orwin"),
      case(paste0(set, "-exact"), set, 'tes(yi, vi, data=dat, test="exact")',
        function(x) list(observed = x$O, expected = x$E, theta = x$theta, p = x$pval, power = x$power), kind = "exact"),
      case(paste0(set, "-chi2"), set, 'tes(yi, vi, data=dat, test="chi2")',
        function(x) list(chi2 = x$X2, p = x$pval), kind = "chi2")
    )
  })
}
store("corrections", corrections())

selection <- function() {
  pick <- function(f) {
    list(
      estimate = c(f$beta), se = f$se, ci_lower = f$ci.lb, ci_upper = f$ci.ub, tau2 = f$tau2,
      weights = f$delta, weights_se = f$se.delta, lrt = f$LRT, lrt_p = f$LRTp,
      log_likelihood = c(logLik(f))
    )
  }
  one <- function(set, steps, extra = "") {
    # The optimiser gives up when asked for more than it can reach: loosen until it agrees.
    for (tolerance in c(1e-14, 1e-13, 1e-12, 1e-11, 1e-10)) {
      call <- sprintf(
        'selmodel(rma(yi, vi, data=dat, method="ML", control=tight), type="stepfun", steps=c(%s)%s, control=list(optimizer="nlminb", rel.tol=%s, eval.max=5000, iter.max=5000))',
        steps, extra, format(tolerance)
      )
      result <- try(case(paste0(set, "-", gsub(", ", "_", steps), if (nchar(extra)) "-fixed" else ""), set, call, pick,
        steps = I(as.numeric(strsplit(steps, ", ")[[1]])), fixed = nchar(extra) > 0
      ), silent = TRUE)
      if (!inherits(result, "try-error")) {
        return(result)
      }
    }
    stop(result)
  }
  list(
    one("mixed", "0.025"), one("skewed", "0.025"), one("mixed", "0.025, 0.5"),
    one("skewed", "0.025, 0.5"), one("skewed", "0.005, 0.025, 0.2"), one("mixed", "0.05"),
    one("skewed", "0.025, 0.5", ", delta=c(1, 0.5, 0.2)")
  )
}
store("selection", selection())

# ---- influence, leave-one-out, cumulation -------------------------------------------------------
partial <- function(f) {
  list(
    estimate = f$estimate, se = f$se, ci_lower = f$ci.lb, ci_upper = f$ci.ub, tau2 = f$tau2,
    i2 = f$I2, q = f$Q, p = if (is.null(f$pval)) f$pvals else f$pval
  )
}
influences <- function() {
  grid <- expand.grid(set = small_sets, method = c("FE", "DL", "REML"), stringsAsFactors = FALSE)
  each <- lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    fit <- sprintf('rma(yi, vi, data=dat, method="%s", control=tight)', g$method)
    pick <- function(x) {
      i <- x$infl$inf
      list(
        rstudent = i$rstudent, dffits = i$dffits, cook = i$cook.d, cov_ratio = i$cov.r,
        tau2_deleted = i$tau2.del, q_deleted = i$QE.del, hat = i$hat, weight = i$weight,
        dfbetas = x$infl$dfbs[[1]], influential = x$infl$is.infl, baujat_x = x$baujat$x,
        baujat_y = x$baujat$y
      )
    }
    call <- sprintf('list(infl=influence(%s), baujat=baujat(%s))', fit, fit)
    case(paste0(g$set, "-", g$method), g$set, call, pick, kind = "influence", method = g$method)
  })
  more <- for_each_set(small_sets, function(set) {
    list(
      case(paste0(set, "-leave1out-z"), set, 'leave1out(rma(yi, vi, data=dat, control=tight))', partial,
        kind = "leave_one_out", method = "REML", test = "z"),
      case(paste0(set, "-leave1out-knha"), set, 'leave1out(rma(yi, vi, data=dat, test="knha", control=tight))', partial,
        kind = "leave_one_out", method = "REML", test = "knha"),
      case(paste0(set, "-cumul-z"), set, 'cumul(rma(yi, vi, data=dat, control=tight), order=vi)', partial,
        kind = "cumulative", method = "REML", test = "z"),
      case(paste0(set, "-cumul-DL"), set, 'cumul(rma(yi, vi, data=dat, method="DL", test="knha"), order=vi)', partial,
        kind = "cumulative", method = "DL", test = "knha")
    )
  })
  c(each, more)
}
pdf(NULL) # baujat() draws
store("influence", influences())

# ---- Bayesian model, integrated by R's adaptive quadrature --------------------------------------
bayes <- function(yi, vi, prior, scale, m0, s0, mid) {
  log_marginal <- function(tau) {
    w <- 1 / (vi + tau^2)
    p0 <- if (is.na(s0)) 0 else 1 / s0^2
    W <- sum(w) + p0
    m <- (sum(w * yi) + p0 * m0) / W
    d <- if (prior == "half-normal") dnorm(tau, 0, scale, log = TRUE) else dcauchy(tau, 0, scale, log = TRUE)
    c(0.5 * sum(log(w)) - 0.5 * log(W) - 0.5 * sum(w * (yi - m)^2) - 0.5 * p0 * (m - m0)^2 + d, m, 1 / W)
  }
  top <- max(sapply(seq(0, 10 * scale, length.out = 400), function(t) log_marginal(t)[1]))
  over <- function(f, upper = Inf) {
    g <- function(ts) sapply(ts, function(t) {
      x <- log_marginal(t)
      exp(x[1] - top) * f(t, x[2], x[3])
    })
    cut <- min(scale, upper)
    value <- integrate(g, 0, cut, rel.tol = 1e-12, subdivisions = 5000)$value
    if (upper > cut) value <- value + integrate(g, cut, upper, rel.tol = 1e-12, subdivisions = 5000)$value
    value
  }
  total <- over(function(t, m, v) 1)
  expect <- function(f) over(f) / total
  mu <- expect(function(t, m, v) m)
  below <- function(q) expect(function(t, m, v) pnorm(q, m, sqrt(v)))
  below_new <- function(q) expect(function(t, m, v) pnorm(q, m, sqrt(v + t^2)))
  root <- function(f, p) uniroot(function(q) f(q) - p, c(-5, 5), tol = 1e-12)$root
  tau_cdf <- function(q) over(function(t, m, v) 1, q) / total
  first <- function(t, m, v) {
    b <- vi[1] / (vi[1] + t^2)
    (1 - b) * yi[1] + b * m
  }
  list(
    mean = mu, sd = sqrt(expect(function(t, m, v) v + (m - mu)^2)),
    lower = root(below, 0.025), median = root(below, 0.5), upper = root(below, 0.975),
    new_lower = root(below_new, 0.025), new_upper = root(below_new, 0.975),
    tau_mean = expect(function(t, m, v) t),
    tau_median = uniroot(function(q) tau_cdf(q) - 0.5, c(1e-6, 3), tol = 1e-11)$root,
    tau_upper = uniroot(function(q) tau_cdf(q) - 0.975, c(1e-6, 3), tol = 1e-11)$root,
    shrunken_first = expect(first), above = 1 - below(mid), new_above = 1 - below_new(mid)
  )
}
bayesian <- function() {
  grid <- expand.grid(
    set = c("mixed", "even", "few"), prior = c("half-normal", "half-cauchy"), mu_sd = c(NA, 1),
    stringsAsFactors = FALSE
  )
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf('bayes(dat$yi, dat$vi, "%s", 0.4, 0.1, %s, 0.24)', g$prior, g$mu_sd)
    dat <- tables[[g$set]]
    list(
      id = paste(g$set, g$prior, if (is.na(g$mu_sd)) "flat" else "normal", sep = "-"),
      dataset = g$set, call = call, prior = g$prior, mu_sd = g$mu_sd,
      expected = bayes(dat$yi, dat$vi, g$prior, 0.4, 0.1, g$mu_sd, 0.24)
    )
  })
}
store("bayesian", bayesian())

# ---- power --------------------------------------------------------------------------------------
powers <- function() {
  grid <- expand.grid(set = c("mixed", "few"), effect = c(0, 0.1, 0.5), tau2 = c(0, 0.1), test = c("z", "knha"), stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    vi <- tables[[g$set]]$vi
    se <- sqrt(1 / sum(1 / (vi + g$tau2)))
    l <- g$effect / se
    df <- length(vi) - 1
    power <- if (g$test == "z") {
      pnorm(l - qnorm(0.975)) + pnorm(-l - qnorm(0.975))
    } else {
      pt(qt(0.975, df), df, l, lower.tail = FALSE) + pt(-qt(0.975, df), df, l)
    }
    list(
      id = paste(unlist(g), collapse = "-"), dataset = g$set, effect = g$effect, tau2 = g$tau2,
      test = g$test, call = "pt(qt(.975, df), df, ncp, lower=FALSE) + pt(-qt(.975, df), df, ncp)",
      expected = list(power = power, se = se)
    )
  })
}
store("power", powers())

# ---- likelihoods with two maxima ----------------------------------------------------------------
two_maxima <- function() {
  grid <- expand.grid(set = 1:5, method = c("ML", "REML"), stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf('rma(yi, vi, data=dat[dat$set == %d, ], method="%s", control=tight)', g$set, g$method)
    case(paste0(g$method, "-", g$set), "two_maxima", call,
      function(f) list(tau2 = f$tau2, estimate = c(f$beta)), set = g$set, method = g$method
    )
  })
}
store("two_maxima", two_maxima())

# Every subset of eight studies, most of them twice as far apart as they are in the file.
gosh_values <- function(g) {
  incl <- as.matrix(g$incl)
  order <- do.call(order, rev(as.data.frame(incl)))
  list(
    present = apply(incl[order, ], 1, function(x) paste(as.integer(x), collapse = "")),
    estimate = g$res$estimate[order], tau2 = g$res$tau2[order], i2 = g$res$I2[order]
  )
}
store("gosh", lapply(c("EE", "DL", "PM", "REML"), function(method) {
  call <- sprintf(
    'gosh(rma(2 * yi, vi, data=dat, method="%s"%s), progbar=FALSE)', method,
    if (method %in% c("PM", "REML")) ", control=tight" else ""
  )
  case(paste0("even-", method), "even", call, gosh_values, method = method)
}))

# ---- data at the edge of what a method can do: each case holds its own effects ------------------
edge_data <- list(
  steep1 = data.frame(
    yi = c(-1.091, 0.374, -0.94, -0.804, 0.159, 0.726, -1.448, 0.177),
    vi = c(0.0032, 0.0448, 0.0142, 0.0342, 0.0328, 0.0431, 0.0552, 0.0343)
  ),
  steep2 = data.frame(
    yi = c(-0.141, 1.706, 0.826, 0.523, 2.253, -1.023, 0.014, 1.318),
    vi = c(0.0529, 0.0183, 0.0212, 0.0803, 0.0071, 0.0387, 0.0958, 0.0223)
  ),
  steep3 = data.frame(
    yi = c(-0.809, 1.552, -0.392, -1.553, 0.575, 0.019, 2.179, 1.307),
    vi = c(0.0511, 0.0657, 0.0857, 0.0037, 0.0369, 0.0393, 0.0603, 0.0306)
  ),
  twins = data.frame(yi = c(0.7, 0.4, 0.4, 0.1, 0.3, 0.3, -0.2), vi = c(0.12, 0.03, 0.03, 0.09, 0.2, 0.2, 0.05)),
  negative_twins = data.frame(yi = c(-0.7, -0.4, -0.4, -0.1, -0.4), vi = c(0.12, 0.03, 0.03, 0.09, 0.03)),
  whole = data.frame(yi = c(0.1, 0.2, 0.3, 1.1, 0.3), vi = c(0.05, 0.1, 0.05, 0.1, 0.2)),
  lone = data.frame(
    yi = c(0.9, 0.5, 0.2, 0.6, 0.35, -0.1, 0.15, 0.4, 0.05, 0.3),
    vi = c(0.1, 0.05, 0.08, 0.12, 0.06, 0.04, 0.09, 0.07, 0.11, 0.05),
    study = c("A", "B", "C", "D", "E", "F", "G", "H", "I", "J"),
    level = c("a", "b", "b", "b", "b", "c", "c", "c", "c", "c")
  ),
  far = data.frame(yi = c(0.3, 0.5, 0.2, 0.4, 6), vi = c(0.04, 0.05, 0.03, 0.06, 0.05)),
  couple = data.frame(yi = c(0.2, 0.7), vi = c(0.04, 0.06)),
  trimmed = data.frame(
    yi = c(-0.07, 0.73, -0.96, 0.23, 0.13, -0.02, -0.3, -0.29, 0.32, 0.94),
    vi = c(0.19, 0.09, 0.02, 0.01, 0.25, 0.27, 0.19, 0.22, 0.17, 0.28)
  )
)
edges <- function() {
  edge <- function(kind, set, call, pick, ...) {
    d <- edge_data[[set]]
    value <- suppressWarnings(eval(parse(text = call), list(dat = d, tight = tight)))
    list(id = paste(kind, set, ..., sep = "-"), kind = kind, call = call, data = as.list(d), expected = pick(value))
  }
  chosen <- function(f) {
    list(
      estimate = c(f$beta), se = f$se, tau2 = f$tau2, weight = f$delta[2], log_likelihood = c(logLik(f)),
      lrt = f$LRT, lrt_p = f$LRTp
    )
  }
  selection <- 'selmodel(rma(yi, vi, data=dat, method="ML", control=list(stepadj=.5, maxiter=10000)), type="stepfun", steps=.025)'
  robust <- 'local({f <- rma(yi, vi, mods=~level, data=dat, control=tight)
      list(f=f, r=clubSandwich::coef_test(f, vcov="CR2", cluster=dat$study))})'
  trimmed <- 'local({t <- trimfill(rma(yi, vi, data=dat, method="FE"))
      list(t=t, f=rma(t$yi, t$vi, test="knha", control=tight))})'
  begg <- function(f) list(kendall_tau = unname(f$tau), p = f$pval)
  c(
    lapply(c("steep1", "steep2", "steep3"), function(set) edge("selection", set, selection, chosen)),
    lapply(c("twins", "negative_twins"), function(set) edge("begg", set, 'ranktest(rma(yi, vi, data=dat))', begg)),
    list(
      edge("orwin", "whole", 'fsn(yi, vi, data=dat, type="Orwin", target=.2)', function(f) list(orwin = f$fsnum)),
      edge("robust", "lone", robust, function(x) {
        list(tau2 = x$f$tau2, estimate = c(x$f$beta), se = x$r$SE, df = x$r$df_Satt, p = x$r$p_Satt)
      }),
      edge("trim-common", "trimmed", trimmed, function(x) {
        list(k0 = x$t$k0, estimate = c(x$f$beta), ci_lower = x$f$ci.lb, ci_upper = x$f$ci.ub)
      }),
      edge("tau", "far", 'local({p <- bayes_tau(dat$yi, dat$vi, "half-normal", .5); p})', identity, "half-normal"),
      edge("tau", "far", 'bayes_tau(dat$yi, dat$vi, "half-cauchy", .5)', identity, "half-cauchy"),
      edge("tau", "couple", 'bayes_tau(dat$yi, dat$vi, "half-cauchy", .5)', identity, "half-cauchy")
    )
  )
}
# Posterior of tau with a flat prior of mu: its mean, and quantiles by adaptive quadrature.
bayes_tau <- function(yi, vi, prior, scale) {
  density <- function(taus) sapply(taus, function(tau) {
    w <- 1 / (vi + tau^2)
    m <- sum(w * yi) / sum(w)
    d <- if (prior == "half-normal") dnorm(tau, 0, scale) else dcauchy(tau, 0, scale)
    exp(0.5 * sum(log(w)) - 0.5 * log(sum(w)) - 0.5 * sum(w * (yi - m)^2)) * d
  })
  area <- function(f, low, high) integrate(f, low, high, rel.tol = 1e-10, subdivisions = 5000)$value
  cuts <- c(0, 0.25, 0.5, 1, 2, 4, 8)
  parts <- c(sapply(1:6, function(i) area(density, cuts[i], cuts[i + 1])), area(density, 8, Inf))
  below <- function(q) {
    inside <- sum(cuts <= q)
    (sum(parts[seq_len(inside - 1)]) + area(density, cuts[inside], q)) / sum(parts)
  }
  quantile <- function(p) uniroot(function(q) below(q) - p, c(1e-6, 1e3), tol = 1e-10)$root
  weighted <- function(t) t * density(t)
  mean <- (sum(sapply(1:6, function(i) area(weighted, cuts[i], cuts[i + 1]))) + area(weighted, 8, Inf)) / sum(parts)
  list(mean = mean, lower = quantile(0.025), median = quantile(0.5), upper = quantile(0.975))
}
store("edges", edges())

# ---- robust joint tests (HTZ), CR1, smoothed variances, interactions -----------------------------
joint <- function() {
  exact <- list(optimizer = "nlminb", eval.max = 5000, iter.max = 5000, rel.tol = 1e-10)
  dat <- tables$clustered
  dat$effect <- seq_len(nrow(dat))
  dat$year <- dat$year - 2005
  dat$rater <- relevel(factor(dat$rater), "self")
  grid <- expand.grid(
    mods = c("rater + year", "rater * year"), kind = c("CR2", "CR1"), smooth = c(FALSE, TRUE),
    stringsAsFactors = FALSE
  )
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    V <- impute_covariance_matrix(dat$vi, cluster = dat$study, r = 0.6, smooth_vi = g$smooth)
    f <- rma.mv(yi, V,
      mods = as.formula(paste("~", g$mods)), random = ~ 1 | study / effect, data = dat,
      control = exact
    )
    each <- coef_test(f, vcov = g$kind, cluster = dat$study, test = "Satterthwaite")
    wald <- function(where) {
      w <- Wald_test(f,
        constraints = constrain_zero(where), vcov = g$kind, cluster = dat$study, test = "HTZ"
      )
      list(f = w$Fstat, df1 = w$df_num, df2 = w$df_denom, p = w$p_val)
    }
    rater <- grep("^rater[a-z]+$", rownames(f$beta))
    list(
      id = paste(g$mods, g$kind, if (g$smooth) "smooth" else "own", sep = "-"), dataset = "clustered",
      call = paste0(
        "V <- impute_covariance_matrix(vi, cluster=study, r=0.6, smooth_vi=", g$smooth,
        "); Wald_test(rma.mv(yi, V, mods = ~ ", g$mods, ", random = ~ 1 | study/effect), vcov=\"",
        g$kind, "\", test=\"HTZ\")"
      ),
      mods = g$mods, kind = g$kind, smooth = g$smooth,
      expected = list(
        terms = I(rownames(f$beta)), estimate = c(f$beta), se = each$SE, df = each$df_Satt,
        rater = wald(rater), all = wald(2:f$p)
      )
    )
  })
}
store("joint", joint())

# ---- profile intervals and likelihood-ratio tests of the variances -------------------------------
profiles <- function() {
  exact <- list(optimizer = "nlminb", eval.max = 5000, iter.max = 5000, rel.tol = 1e-10)
  dat <- tables$clustered
  dat$effect <- seq_len(nrow(dat))
  grid <- expand.grid(rho = c(0, 0.6), method = c("REML", "ML"), level = c(95, 80),
    stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    V <- vcalc(vi, cluster = study, obs = effect, rho = g$rho, data = dat)
    fit <- function(...) {
      rma.mv(yi, V, random = ~ 1 | study / effect, data = dat, method = g$method, control = exact, ...)
    }
    f <- fit()
    of <- function(j, reduced) {
      limits <- confint(f, sigma2 = j, level = g$level, control = list(tol = 1e-10))$random[1, ]
      test <- anova(f, reduced)
      list(
        variance = limits[["estimate"]], ci_lower = limits[["ci.lb"]], ci_upper = limits[["ci.ub"]],
        stat = test$LRT, p = test$pval
      )
    }
    list(
      id = paste0("rho", g$rho, "-", g$method, "-", g$level), dataset = "clustered",
      call = "f <- rma.mv(yi, V, random = ~ 1 | study/effect); confint(f, sigma2=j); anova(f, rma.mv(..., sigma2=c(0, NA)))",
      rho = g$rho, method = g$method, level = g$level,
      expected = list(
        between = of(1, fit(sigma2 = c(0, NA))), within = of(2, fit(sigma2 = c(NA, 0)))
      )
    )
  })
}
store("profiles", profiles())

# ---- predictions of true effects, Henmi and Copas' interval --------------------------------------
predicted <- function() {
  grid <- expand.grid(mods = c("1", "year"), method = c("REML", "DL"), test = c("z", "knha"),
    stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) {
    g <- grid[i, ]
    call <- sprintf(
      'blup(rma(yi, vi, mods = ~ %s, data=dat, method="%s", test="%s", control=tight))', g$mods, g$method, g$test
    )
    case(paste(g$mods, g$method, g$test, sep = "-"), "mixed", call, function(b) {
      list(estimate = b$pred, se = b$se, pi_lower = b$pi.lb, pi_upper = b$pi.ub)
    }, moderators = g$mods, method = g$method, test = g$test)
  })
}
store("true_effects", predicted())

hc_values <- function() {
  # Its root is sought to 1.2e-4 of a standard error by default.
  grid <- expand.grid(set = c("mixed", "even", "few", "skewed"), level = c(80, 95), stringsAsFactors = FALSE)
  lapply(seq_len(nrow(grid)), function(i) {
    call <- sprintf("hc(rma(yi, vi, data=dat, level=%s), control=list(tol=1e-12))", grid$level[i])
    case(paste0(grid$set[i], "-", grid$level[i]), grid$set[i], call, function(h) {
      list(adjusted = c(h$beta), se = h$se, ci_lower = h$ci.lb, ci_upper = h$ci.ub, tau2 = h$tau2)
    }, level = grid$level[i])
  })
}
store("henmi_copas", hc_values())

# ---- counts: Mantel-Haenszel, Peto, proportions --------------------------------------------------
counted <- function() {
  pick <- function(f) {
    list(
      estimate = c(f$beta), se = f$se, ci_lower = f$ci.lb, ci_upper = f$ci.ub, p = f$pval, q = f$QE,
      q_p = f$QEp
    )
  }
  arms <- "ai=events1, n1i=n1, ci=events2, n2i=n2, data=dat"
  c(
    lapply(c("OR", "RR", "RD"), function(measure) {
      case(paste0("MH-", measure), "events", sprintf('rma.mh(measure="%s", %s)', measure, arms), pick,
        method = "MH", measure = measure)
    }),
    list(case("Peto", "events", sprintf("rma.peto(%s)", arms), pick, method = "Peto", measure = "OR"))
  )
}
store("counts", counted())

proportions <- function() {
  unlist(lapply(1:2, function(arm) {
    list(
      case(paste0("GLMM-", arm), "events",
        sprintf('rma.glmm(measure="PLO", xi=events%d, ni=n%d, data=dat, nAGQ=31)', arm, arm),
        function(f) {
          p <- predict(f, transf = transf.ilogit)
          list(
            proportion = p$pred, ci_lower = p$ci.lb, ci_upper = p$ci.ub, pi_lower = p$pi.lb,
            pi_upper = p$pi.ub, transformed = c(f$beta), se = f$se, tau2 = f$tau2, q = f$QE.LRT, q_p = f$QEp.LRT
          )
        }, method = "GLMM", arm = arm),
      case(paste0("PFT-", arm), "events",
        sprintf('rma(measure="PFT", xi=events%d, ni=n%d, data=dat, control=tight)', arm, arm),
        function(f) {
          p <- predict(f, transf = transf.ipft.hm, targs = list(ni = tables$events[[paste0("n", arm)]]))
          list(
            proportion = p$pred, ci_lower = p$ci.lb, ci_upper = p$ci.ub, transformed = c(f$beta), se = f$se,
            tau2 = f$tau2, q = f$QE, q_p = f$QEp
          )
        }, method = "PFT", arm = arm)
    )
  }), recursive = FALSE)
}
store("proportions", proportions())
