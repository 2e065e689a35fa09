"""How the whole service runs on one machine: `trailerflow up` and what it starts and ends."""
