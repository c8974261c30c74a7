"""A server that imitates a gateway: for the demo, for tests under faults, and as the stub of a benchmark."""
