"""All that an installation keeps, as one file, and back. Needs PostgreSQL's own programs, and no Django."""
