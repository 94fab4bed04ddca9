"""What a model can do for a laboratory it never saw without one of its labels: hold classes it knows from drawings alone for rare,
choose the size at which it is surest, and take the laboratory's own normalisation statistics part of the way."""
import copy

import numpy as np
import torch

from training import measure
from training.images import centre_crops
from training.mean import take_statistics
from training.network import white_balance

DRAWN_LOGIT = -float(np.log(10))
"""Added to the logits of classes with drawings alone: they were learned as often as the others, and are taken for ten times rarer
(logit adjustment; Menon et al. 2021). Drawings lie between the laboratories, and would take in cells of a new one."""
SCALES = (1 / 1.2, 1.0, 1.2)
"""White cells of one laboratory's smears are up to a third larger than another's beside red cells of the same size."""
SHARES = (0.0, 0.3, 1.0)
"""Of the laboratory's own mean and variance in each batch normalisation (Schneider et al. 2020)."""
STATISTICS_FROM = 1000
"""Images, at most, that the statistics are taken from."""


def with_drawn_rare(logits, drawn):
    """Logits with those of `drawn` (class indices) lowered."""
    lowered = np.array(logits, np.float64)
    lowered[:, list(drawn)] += DRAWN_LOGIT
    return lowered


def statistics_of(network, crops, batch=64):
    """The state of `network` with the batch normalisations' statistics of these crops (uint8 n x s x s x 3) in place of training's."""
    batches = (white_balance(torch.from_numpy(crops[start : start + batch]).permute(0, 3, 1, 2).float()) for start in range(0, len(crops), batch))
    return take_statistics(copy.deepcopy(network), batches).state_dict()


def between(network, state, share):
    """A copy of `network` whose normalisation statistics lie `share` of the way to those of `state`."""
    mixed = copy.deepcopy(network)
    own = mixed.state_dict()
    for name, value in own.items():
        if name.endswith(("running_mean", "running_var")):
            value.lerp_(state[name], share)
    return mixed.eval()


def adaptations(network, pixels, settings, drawn, views, seed=1):
    """(scale, share, mean top probability, logits) for every size and share: pixels uint8 n x 160 x 160 x 3, no labels. The first is
    the network as it is, at its own size; of the others the surest is the one a laboratory would be given."""
    some = np.sort(np.random.default_rng(seed).permutation(len(pixels))[:STATISTICS_FROM])
    rows = []
    for scale in sorted(SCALES, key=lambda value: abs(np.log(value))):
        crops = centre_crops(pixels, settings.size_px, settings.pixel_um * scale)
        state = statistics_of(network, crops[some])
        for share in SHARES:
            logits = with_drawn_rare(measure.logits_of_crops(between(network, state, share), crops, views), drawn)
            rows.append((scale, share, float(measure.probabilities(logits, 1).max(1).mean()), logits))
    return rows
