"""The demo's story: what a new user does first, through the public API."""
