"""Numbers as the window writes them."""

from __future__ import annotations

import math

TIMES = "\N{MULTIPLICATION SIGN}"

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def short_number(value: float) -> str:
    """Two significant digits: 450, 1.5, 0.44, 0.0031; powers of ten beyond; a dash for NaN."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{value:.1e}"))))
    if exponent < -3 or exponent > 4:
        mantissa = f"{value:.1e}".split("e")[0]
        return f"{mantissa} {TIMES} 10{str(exponent).translate(_SUPERSCRIPT)}"
    rounded = round(value, 1 - exponent)
    return f"{rounded:.{max(0, 1 - exponent)}f}"


def percent(share: float) -> str:
    """A share from 0 to 1 as ``58 %``, rounded to whole percents."""
    return f"{math.floor(100 * share + 0.5)} %"


def file_size(count: int) -> str:
    """Bytes as ``45 MB``, from ten gigabytes on as ``41 GB``."""
    return f"{count / 1e9:.0f} GB" if count >= 1e10 else f"{count / 1e6:.0f} MB"
