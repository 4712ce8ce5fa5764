"""How much money a deal is about."""

import math
import random
from decimal import Decimal

#: Log-normal: median and spread of the logarithm, in yen, and its limits.
MEDIAN_YEN, SPREAD, LEAST_YEN, MOST_YEN = 1_700_000, 0.65, 400_000, 8_000_000
YEN_A_DOLLAR = 150
#: Amounts are rounded to this many units.
YEN_STEP, DOLLAR_STEP = 10_000, 100
CHANGES = (Decimal("0.8"), Decimal("0.9"), Decimal("1.1"), Decimal("1.25"))


def amount_of(dice: random.Random, *, japanese: bool, foreign: bool = False) -> Decimal:
    """In yen; in dollars where the company's home is elsewhere or the deal is foreign."""
    yen = dice.lognormvariate(math.log(MEDIAN_YEN), SPREAD)
    yen = min(MOST_YEN, max(LEAST_YEN, yen))
    if japanese and not foreign:
        return Decimal(round(yen / YEN_STEP) * YEN_STEP)
    return Decimal(round(yen / YEN_A_DOLLAR / DOLLAR_STEP) * DOLLAR_STEP)


def changed(amount: Decimal, dice: random.Random) -> Decimal:
    """What a negotiation made of an amount."""
    step = YEN_STEP if amount >= LEAST_YEN else DOLLAR_STEP
    return Decimal(round(amount * dice.choice(CHANGES) / step) * step)
