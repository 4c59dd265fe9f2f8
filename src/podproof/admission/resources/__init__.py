"""What the API server does with each kind of object beside its plugins: decoding, completing, validating.

The cluster's state and a request come in, a Decision goes out. Which plugins there are is not known here.
"""
