"""The page behind a link that a holder shared, for readers without an account."""
