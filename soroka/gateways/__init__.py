"""Adapters to external sending services: one contract, one file a provider."""
