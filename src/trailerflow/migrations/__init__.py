"""The schema's history, applied by `bootstrap.migrate` at every start."""
