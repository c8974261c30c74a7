"""Wires planning, queue, gateways and delivery into what a Celery task calls."""
