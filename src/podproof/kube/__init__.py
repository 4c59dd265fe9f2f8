"""Documents in, typed API objects out: decoding, defaulting and validation as the API server does them.

Comes in: plain JSON-like values of a manifest. Goes out: frozen typed values (`pod.Pod`), the pod template of
a workload, and the API server's answer (`accept`). Never judges security and does no input or output.
"""
