"""The HubSpot face of the sandbox."""

from crm_loop_sandbox.hubspot.face import HubSpotFace
from crm_loop_sandbox.kernel import Face, Kernel


def make(kernel: Kernel) -> Face:
    return HubSpotFace(kernel)
