"""trailerflow turns a screenplay into a trailer, durably, and shows every picture as it is made."""
