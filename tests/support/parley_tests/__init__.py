"""What drives the real programs: for the tests, the trials, the soak and the benchmarks."""
