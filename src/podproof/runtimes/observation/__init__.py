"""What a running process is, as its kernel tells: a pid goes in, an EffectiveSecurityContext comes out.

The same type as the prediction has, so that a proof is a comparison. Everything is read from outside, through
/proc: nothing is needed in the image, nothing is changed, and what cannot be read is Unknown with its reason.
"""

from .observe import ObservationRequest, observe, wait_for_start

__all__ = ["ObservationRequest", "observe", "wait_for_start"]
