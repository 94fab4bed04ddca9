"""The head of a trained network learned anew, its body as it is, from training crops in which every class weighs the same: what of long-tailed sets the
body does not mind, the head does (Kang et al. 2020, arXiv 1910.09217). A ridge keeps it near the head there was."""
import numpy as np
import torch
import torch.nn.functional as F

from training.fit import Shelf, best_device
from training.network import white_balance

STRENGTHS = (0.5, 1.0)
"""Every training crop is seen so often, varied so strongly."""
RENDERED_SHARE = 0.3
"""What a class of drawn cells weighs beside a class of real ones."""
RIDGE = 0.01
"""Of the ridge towards the head there was: among .003 to .1, where held-out fifths of the training crops are named best (decision 38)."""
BATCH = 128


def refitted(network, sets, settings, ridge=RIDGE):
    """The network with its head learned anew on the training crops of `sets`, on the processor; the body is not touched."""
    features, labels, weights = _learned_from(network, sets, settings)
    before = torch.cat([network.head.weight, network.head.bias[:, None]], 1).detach().cpu()
    head = before.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([head], max_iter=60, line_search_fn="strong_wolfe")

    def loss():
        optimiser.zero_grad()
        logits = features @ head[:, :-1].T + head[:, -1]
        each = F.cross_entropy(logits, labels, reduction="none", label_smoothing=settings.smoothing)
        total = (each * weights).sum() + ridge * ((head - before) ** 2).sum()
        total.backward()
        return total

    optimiser.step(loss)
    network = network.to("cpu").eval()
    with torch.no_grad():
        network.head.weight.copy_(head[:, :-1])
        network.head.bias.copy_(head[:, -1])
    return network


def _learned_from(network, sets, settings):
    """Features n x d, labels n and weights n (sum 1) of all training crops, each varied once for each of STRENGTHS."""
    device = best_device()
    network = network.to(device, memory_format=torch.channels_last).eval()
    shelf = Shelf(sets, device)
    features, labels, weights = [], [], []
    for number, crops in enumerate(sets):
        chosen = np.flatnonzero(~crops.validation)
        own = crops.labels[chosen]
        each = (RENDERED_SHARE if crops.source == "rendered" else 1) / np.bincount(own)[own]
        for seed, strength in enumerate(STRENGTHS):
            features.append(_varied_features(network, shelf, [(number, i) for i in chosen], settings, strength, settings.seed + 100 * seed))
            labels.append(own)
            weights.append(each)
    weights = np.concatenate(weights)
    return torch.cat(features), torch.from_numpy(np.concatenate(labels)), torch.from_numpy(weights / weights.sum()).float()


def _varied_features(network, shelf, pairs, settings, strength, seed):
    size = settings.size_at(1)
    out = []
    with torch.no_grad():
        for start in range(0, len(pairs), BATCH):
            crops = shelf.batch(pairs[start : start + BATCH], *size, strength, settings.variation, seed * 1009 + start)
            out.append(network.features(white_balance(crops.float()).contiguous(memory_format=torch.channels_last)).cpu())
    return torch.cat(out)
