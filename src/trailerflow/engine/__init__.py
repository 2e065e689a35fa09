"""What keeps a run alive: tables, leases, steps, tasks, events. Knows films as rows and files only."""
