"""Container over pod over image over runtime default, merged once, every value with its origin."""
