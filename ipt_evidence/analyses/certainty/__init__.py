"""How certain a body of evidence is, by the domains of GRADE, and the summary of findings."""
