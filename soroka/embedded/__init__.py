"""The stack without Docker: PostgreSQL and Valkey from wheels, and the supervisor that runs everything."""
