"""Who gets a mailing: the filter, its SQL, and why somebody was chosen or not."""
