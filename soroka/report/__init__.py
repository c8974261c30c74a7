"""The report of a day, by e-mail (ADR 29)."""
