# What metafor answers about each psychotherapy against control, and about IPT minus the others;
# called by therapies.py.
#
# Standard input: a CSV with a row per result of context.csv (condition, therapy, study, yi, vi and
# the covariates). Standard output: a CSV with a row per number (condition, part, name, value).
suppressMessages(library(metafor))
tight <- list(threshold = 1e-13, tol = 1e-13, maxiter = 1e4)
covariates <- c("control_type", "target_group", "rob", "year")
least <- 3

tell <- function(condition, part, name, value) {
  cat(sprintf('%s,"%s",%s,%.12g\n', condition, part, name, unname(value)), sep = "")
}

# One row a trial and therapy, with what is first known of the trial.
trials_of <- function(rows) {
  rows$study <- factor(rows$study, levels = unique(rows$study))
  effects <- escalc(yi = yi, vi = vi, data = rows)
  pooled <- aggregate(effects, cluster = study, struct = "CS", rho = 0.6)
  found <- data.frame(therapy = rows$therapy[1], yi = c(pooled$yi), vi = c(pooled$vi))
  for (name in covariates) {
    found[[name]] <- sapply(as.character(pooled$study), function(one) {
      known <- rows[[name]][rows$study == one & !is.na(rows[[name]])]
      if (length(known)) known[1] else NA
    })
  }
  found
}

difference <- function(condition, part, units, used) {
  for (name in setdiff(used, "year")) units[[name]] <- factor(units[[name]])
  fit <- rma(yi, vi, mods = reformulate(c("therapy", used)), data = units, test = "knha",
             control = tight, skipr2 = TRUE)  # R² takes as long again, and is not asked for
  for (name in grep("^therapy", rownames(fit$beta), value = TRUE)) {
    at <- match(name, rownames(fit$beta))
    said <- paste(part, sub("^therapy", "", name))
    tell(condition, said, "estimate", -fit$beta[at])  # IPT minus the therapy
    tell(condition, said, "se", fit$se[at])
    tell(condition, said, "ci_lower", -fit$ci.ub[at])
    tell(condition, said, "ci_upper", -fit$ci.lb[at])
    tell(condition, said, "p", fit$pval[at])
  }
}

answer <- function(condition, rows) {
  by_therapy <- lapply(split(rows, factor(rows$therapy, unique(rows$therapy))), trials_of)
  for (therapy in names(by_therapy)) {
    trials <- by_therapy[[therapy]]
    if (nrow(trials) < 2) next
    fit <- rma(yi, vi, data = trials, test = "knha", control = tight)
    predicted <- predict(fit)
    pooled <- list(k = fit$k, estimate = c(fit$beta), ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
                   pi_lower = predicted$pi.lb, pi_upper = predicted$pi.ub, tau2 = fit$tau2)
    for (name in names(pooled)) tell(condition, paste("effect", therapy), name, pooled[[name]])
  }
  units <- do.call(rbind, by_therapy)
  if (sum(units$therapy == "ipt") < least) return()
  used <- covariates[sapply(covariates, function(name) length(unique(na.omit(units[[name]]))) > 1)]
  known <- complete.cases(units[used])
  each <- units[units$therapy %in% names(which(table(units$therapy) >= least)), ]
  each$therapy <- relevel(factor(each$therapy), "ipt")
  units$therapy <- factor(ifelse(units$therapy == "ipt", "ipt", "all other therapies"))
  units$therapy <- relevel(units$therapy, "ipt")
  difference(condition, "overall", units, character())
  difference(condition, "overall_adjusted", units[known, ], used)
  difference(condition, "each", each, character())
  difference(condition, "each_adjusted", each[complete.cases(each[used]), ], used)
}

rows <- read.csv(file("stdin"), na.strings = "")
cat(sprintf('"",source,R,%s\n"",source,metafor,%s\n', getRversion(), packageVersion("metafor")))
for (one in unique(rows$condition)) answer(one, rows[rows$condition == one, ])
