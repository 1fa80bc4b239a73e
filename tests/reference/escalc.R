# Values of escalc() that changed with metafor 4, and those of designs that it has no measure for.
#
#   Rscript tests/reference/escalc.R
#
# Needs metafor 5 and jsonlite; writes escalc.json beside this file, with versions and calls.

suppressMessages({
  library(metafor)
  library(jsonlite)
})
stopifnot(packageVersion("metafor") >= "5.0")
here <- "tests/reference"

tables <- list(
  means = read.csv(file.path(here, "data", "means.csv")),
  events = read.csv(file.path(here, "data", "events.csv")),
  # Morris (2008), table of the article as on metafor's page about it
  changes = data.frame(
    pre1 = c(30.6, 23.5, 0.5, 53.4, 35.6), post1 = c(38.5, 26.8, 0.7, 75.9, 36.0),
    sd_pre1 = c(15.0, 3.1, 0.1, 14.5, 4.7), n1 = c(20, 50, 9, 10, 14),
    pre2 = c(23.1, 24.9, 0.6, 55.7, 34.8), post2 = c(19.7, 25.3, 0.6, 60.7, 33.4),
    sd_pre2 = c(13.8, 4.1, 0.2, 17.3, 3.1), n2 = c(20, 42, 9, 11, 14),
    r = c(0.47, 0.64, 0.77, 0.89, 0.44)
  ),
  rates = data.frame(x1 = c(0, 12, 3, 40), t1 = c(110, 250.5, 80, 900), x2 = c(4, 20, 0, 38), t2 = c(120, 260, 75, 880)),
  singles = data.frame(x = c(0, 5, 12, 30), n = c(20, 40, 12, 61)),
  correlations = data.frame(r = c(-0.8, 0, 0.31, 0.95), n = c(10, 25, 180, 6))
)
means <- "m1i=mean1, sd1i=sd1, n1i=n1, m2i=mean2, sd2i=sd2, n2i=n2, data=dat)"
events <- "ai=events1, n1i=n1, ci=events2, n2i=n2, data=dat)"
rates <- "x1i=x1, t1i=t1, x2i=x2, t2i=t2, data=dat)"
arm <- function(i) sprintf('escalc(measure="SMCR", m1i=post%d, m2i=pre%d, sd1i=sd_pre%d, ni=n%d, ri=r, data=dat)', i, i, i, i)
pooled_sd <- "sqrt(((n1-1)*sd_pre1^2 + (n2-1)*sd_pre2^2)/(n1+n2-2))"
ppc <- paste0(
  "with(dat, {yi <- metafor:::.cmicalc(n1+n2-2)*((post1-pre1)-(post2-pre2))/", pooled_sd,
  "; data.frame(yi, vi=2*(1-r)*(1/n1+1/n2) + yi^2/(2*(n1+n2)))})"
)
calls <- list(
  c("SMD", "means", paste0('escalc(measure="SMD", ', means)),
  c("SMDH", "means", paste0('escalc(measure="SMDH", ', means)),
  c("SMD1", "means", paste0('escalc(measure="SMD1", ', means)),
  c("MD", "means", paste0('escalc(measure="MD", ', means)),
  c("ROM", "means", paste0('escalc(measure="ROM", ', means)),
  c("OR", "events", paste0('escalc(measure="OR", ', events)),
  c("OR-all", "events", paste0('escalc(measure="OR", add=0.25, to="all", ', events)),
  c("RR-if0all", "events", paste0('escalc(measure="RR", to="if0all", ', events)),
  c("RR-drop00", "events", paste0('escalc(measure="RR", drop00=TRUE, ', events)),
  c("RD", "events", paste0('escalc(measure="RD", ', events)),
  c("PETO", "events", paste0('escalc(measure="PETO", add=0, to="none", ', events)),
  c("PETO-only0", "events", paste0('escalc(measure="PETO", ', events)),
  c("IRR", "rates", paste0('escalc(measure="IRR", ', rates)),
  c("PLO", "singles", 'escalc(measure="PLO", xi=x, ni=n, data=dat)'),
  c("PFT", "singles", 'escalc(measure="PFT", xi=x, ni=n, data=dat)'),
  c("COR", "correlations", 'escalc(measure="COR", ri=r, ni=n, data=dat)'),
  c("ZCOR", "correlations", 'escalc(measure="ZCOR", ri=r, ni=n, data=dat)'),
  c("SMCR", "changes", paste0("{a <- ", arm(1), "; b <- ", arm(2), "; data.frame(yi=a$yi-b$yi, vi=a$vi+b$vi)}")),
  c("PPC", "changes", ppc)
)
whole <- function(x) ifelse(is.finite(x), sprintf("%.17g", x), "null")
text <- function(x) structure(paste0("[", paste(whole(c(x)), collapse = ", "), "]"), class = "json")
cases <- lapply(calls, function(one) {
  dat <- tables[[one[2]]]
  value <- suppressWarnings(eval(parse(text = one[3])))
  list(id = one[1], dataset = one[2], call = one[3], expected = list(yi = text(value$yi), vi = text(value$vi)))
})
source <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")), script = "tests/reference/escalc.R")
data <- lapply(tables[3:6], function(table) lapply(table, text))
writeLines(
  toJSON(list(source = source, data = data, cases = cases), auto_unbox = TRUE, json_verbatim = TRUE, pretty = 1),
  file.path(here, "escalc.json")
)
