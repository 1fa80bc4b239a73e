# Reference values of networks, which need packages that Debian does not have: netmeta and meta.
#
#   Rscript tests/reference/network.R
#
# Needs netmeta, meta and jsonlite. Reads data/senn2013.csv and the bundled linde2016.csv, which hold the
# numbers of netmeta's data sets Senn2013 and Linde2016, and writes network.json and network_reml.json.

suppressMessages({
  library(metafor)
  library(netmeta)
  library(jsonlite)
})

here <- "tests/reference"
places <- list(
  senn2013 = file.path(here, "data", "senn2013.csv"), linde2016 = "ipt_evidence/exchange/own_data/linde2016.csv"
)
value <- function(x) ifelse(is.finite(x), x, NA)

of_network <- function(name, sm, method) {
  dat <- read.csv(places[[name]])
  call <- sprintf('netmeta(yi, sei, treat1, treat2, study, data=%s, sm="%s", method.tau="%s")', name, sm, method)
  net <- suppressWarnings(eval(parse(text = sub(paste0("data=", name), "data=dat", call))))
  d <- decomp.design(net)
  s <- netsplit(net)
  comparisons <- combn(net$trts, 2)
  each <- apply(comparisons, 2, function(p) {
    list(
      treat1 = p[1], treat2 = p[2], k = net$A.matrix[p[1], p[2]],
      estimate = net$TE.random[p[1], p[2]], se = net$seTE.random[p[1], p[2]],
      pi_lower = net$lower.predict[p[1], p[2]], pi_upper = net$upper.predict[p[1], p[2]],
      share_direct = net$P.random[p[1], p[2]],
      direct = value(net$TE.direct.random[p[1], p[2]]), direct_se = value(net$seTE.direct.random[p[1], p[2]]),
      indirect = value(net$TE.indirect.random[p[1], p[2]]), indirect_se = value(net$seTE.indirect.random[p[1], p[2]]),
      common = net$TE.common[p[1], p[2]], common_se = net$seTE.common[p[1], p[2]]
    )
  })
  test <- function(row) list(q = row$Q, df = row$df, p = value(row$pval))
  list(
    id = paste(name, method, sep = "-"), dataset = name, call = call, method = method,
    expected = list(
      k = net$k, m = net$m, n = net$n, designs = net$d, tau2 = net$tau^2, i2 = 100 * net$I2,
      q = net$Q, q_df = net$df.Q, q_p = net$pval.Q, comparisons = each,
      p_scores = as.list(netrank(net, small.values = "undesirable")$Pscore.random),
      within = test(d$Q.decomp["Within designs", ]), between = test(d$Q.decomp["Between designs", ]),
      between_random = test(d$Q.inc.random), tau2_within = d$Q.inc.random$tau.within^2,
      detached = lapply(seq_len(nrow(d$Q.inc.detach)), function(i) {
        c(list(design = d$Q.inc.detach$design[i]), test(d$Q.inc.detach[i, ]))
      })
    )
  )
}

# REML by metafor: netmeta, given contrasts, leaves out the covariance within trials of several arms.
by_reml <- function(name) {
  dat <- read.csv(places[[name]])
  treatments <- sort(unique(c(dat$treat1, dat$treat2)))
  rows <- lapply(split(dat, dat$study), function(d) {
    base <- d$treat1[1]
    others <- setdiff(unique(c(d$treat1, d$treat2)), base)
    find <- function(x, y) {
      i <- which((d$treat1 == x & d$treat2 == y) | (d$treat1 == y & d$treat2 == x))
      c(if (d$treat1[i] == x) d$yi[i] else -d$yi[i], d$sei[i]^2)
    }
    to <- sapply(others, find, y = base)
    V <- diag(to[2, ], length(others))
    for (i in seq_along(others)) {
      for (j in seq_along(others)) {
        if (i != j) V[i, j] <- (to[2, i] + to[2, j] - find(others[i], others[j])[2]) / 2
      }
    }
    list(yi = to[1, ], V = V, treat1 = others, treat2 = rep(base, length(others)), study = rep(d$study[1], length(others)))
  })
  pick <- function(what) unlist(lapply(rows, `[[`, what), use.names = FALSE)
  treat1 <- pick("treat1")
  treat2 <- pick("treat2")
  X <- sapply(treatments[-1], function(t) (treat1 == t) - (treat2 == t))
  arm <- seq_along(treat1)
  study <- pick("study")
  f <- rma.mv(pick("yi"), bldiag(lapply(rows, `[[`, "V")),
    mods = X, intercept = FALSE, random = ~ arm | study, rho = 0.5,
    control = list(optimizer = "nlminb", rel.tol = 1e-10, eval.max = 5000, iter.max = 5000)
  )
  list(
    id = paste(name, "REML", sep = "-"), dataset = name, method = "REML",
    call = "rma.mv(yi, V, mods = X, intercept = FALSE, random = ~ arm | study, rho = 0.5)",
    expected = list(
      tau2 = f$tau2, q = f$QE, reference = treatments[1], treatments = treatments[-1],
      estimate = c(f$beta), se = f$se
    )
  )
}

source <- list(
  R = R.version.string, netmeta = as.character(packageVersion("netmeta")),
  meta = as.character(packageVersion("meta")), metafor = as.character(packageVersion("metafor")),
  script = "tests/reference/network.R"
)
cases <- list(
  of_network("senn2013", "MD", "DL"), of_network("linde2016", "OR", "DL")
)
written <- function(cases, topic) {
  text <- toJSON(list(source = source, cases = cases),
    auto_unbox = TRUE, na = "null", null = "null", digits = 15, pretty = 1)
  writeLines(text, file.path(here, paste0(topic, ".json")))
}
written(cases, "network")
written(list(by_reml("senn2013"), by_reml("linde2016")), "network_reml")
