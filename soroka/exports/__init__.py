"""Files of many rows, made while they are sent (ADR 21)."""
