"""A certificate and its key, which OpenSSL reads only from files: texts come in, and a context has them."""

import os
import ssl

__all__ = ["load_pair"]


def load_pair(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Load a certificate and its key, in PEM, into a context; neither is ever in a file system.

    Raises ValueError: they are not in PEM, do not fit together, or the key is encrypted.
    """
    # ssl reads files only: this one is in memory, without a name, and goes with its descriptor
    descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(key.rstrip() + b"\n" + certificate)
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ValueError("the key is not that of the certificate") from error
        reason = error.reason or error
        raise ValueError(f"they are not a certificate and its key in PEM ({reason})") from error
    finally:
        os.close(descriptor)


def _no_password() -> str:
    raise ValueError("the key is encrypted: write it without a password")
