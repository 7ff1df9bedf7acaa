"""Gathering what is to be translated, and keeping the catalogues in step with it."""
