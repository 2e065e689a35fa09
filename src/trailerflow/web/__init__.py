"""The web: REST, the stream and the page, over one studio. Nothing in here decides what a run may do; `engine` does."""
