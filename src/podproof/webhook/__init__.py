"""The webhook: AdmissionReviews over HTTPS, with health, metrics, logs and certificates. It carries bytes.

Bytes come in, what `admission` answers to them goes out. Nothing here judges, and nothing that goes wrong
here allows anything: what cannot be read, decided or delivered in time is refused.
"""
