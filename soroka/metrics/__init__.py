"""What Prometheus is told: figures of the ledger, asked at each scrape, and what the web server counts (ADR 34)."""
