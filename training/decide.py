"""When a cell is called unsure, and when unfamiliar: thresholds from validation images."""
import math

import numpy as np

CONFIDENCE = 0.95
STEPS = np.round(np.arange(0, 1.0001, 0.005), 3)


def keeps(wrong, n, rate, confidence=CONFIDENCE):
    """Whether the exact (Clopper-Pearson) one-sided upper limit of a share, `wrong` of `n` seen, is at most `rate` (0-1, without
    the ends): with that share or more, as few wrong ones would be seen in less than 1 - confidence of all samples."""
    if n == 0 or wrong / n > rate:
        return False
    k = np.arange(wrong + 1)
    chosen = math.lgamma(n + 1) - np.array([math.lgamma(i + 1) + math.lgamma(n - i + 1) for i in k])
    return bool(np.exp(chosen + k * math.log(rate) + (n - k) * math.log1p(-rate)).sum() <= 1 - confidence)


def unsure_threshold(probabilities_top, right, error_rates):
    """The least top probability from which on, at 95 % confidence, at most the error rate's share of the cells is named wrongly.

    probabilities_top: n, each cell's highest probability; right: n, bool; error_rates: shares in rising order, the middle one the
    package's own. -> `unsure` of the manifest, or None where no threshold keeps the package's own rate.
    """
    top, right = np.asarray(probabilities_top, float), np.asarray(right, bool)
    table = []
    for rate in error_rates:
        for below in STEPS:
            sure = top >= below
            if keeps(int((~right[sure]).sum()), int(sure.sum()), rate):
                table.append({"errorRate": rate, "below": float(below), "share": round(float(1 - sure.mean()), 4)})
                break
    own = next((entry for entry in table if entry["errorRate"] == error_rates[len(error_rates) // 2]), None)
    return own and {**own, "n": len(top), "table": table}


def unfamiliar_threshold(values, share):
    """The unfamiliarity that `share` of the validation cells (values, n) exceed: `unfamiliar` of the manifest."""
    values = np.asarray(values, float)
    above = round(float(np.quantile(values, 1 - share)), 4)
    return {"above": above, "share": round(float((values > above).mean()), 4), "n": len(values)}
