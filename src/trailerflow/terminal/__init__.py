"""The client side: what the command line, the tests and the benchmarks speak to the service through."""
