"""English: the day before the month in letters, so that nobody takes one for the other, and a clock of 24 hours."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
SHORT_DATE_FORMAT = "d M Y"
SHORT_DATETIME_FORMAT = "d M Y, H:i"
FIRST_DAY_OF_WEEK = 1
#: A narrow space that no line is broken at: a comma would be read as a decimal one by half of the world.
THOUSAND_SEPARATOR = "\u202f"
