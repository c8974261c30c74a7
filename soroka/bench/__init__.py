"""``soroka bench``: how fast this machine is, measured on a scratch database that is removed afterwards."""
