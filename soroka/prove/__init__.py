"""`soroka prove`: the real stack under faults, judged by what the gateway recorded and what the ledger says."""
