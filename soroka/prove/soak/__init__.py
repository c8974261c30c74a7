"""`soroka soak`: the real stack under a steady flow and faults for long; nothing may be lost, and nothing may grow."""
