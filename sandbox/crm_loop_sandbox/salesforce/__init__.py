"""The Salesforce face of the sandbox."""

from crm_loop_sandbox.kernel import Face, Kernel
from crm_loop_sandbox.salesforce.face import SalesforceFace


def make(kernel: Kernel) -> Face:
    return SalesforceFace(kernel)
