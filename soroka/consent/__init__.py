"""Who may be written to, and how that is known: opting out and in, the suppression list, the ledger of consents."""
