"""The store: tables, engines, transactions, migrations."""
