"""How numbers and times are written, by language; what is not named here is as Django has it."""
