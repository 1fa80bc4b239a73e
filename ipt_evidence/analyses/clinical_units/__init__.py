"""An effect in units of clinical scales, in shares of people and in numbers needed to treat."""
