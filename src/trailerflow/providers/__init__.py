"""Who has the skills of film's crew list; one file per means."""
