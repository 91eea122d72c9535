"""Reading and keeping files, evidence and the ledger; nothing here decides a grade."""
