"""Support for the tests that drive the real programs."""
