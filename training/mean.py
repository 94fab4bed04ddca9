"""One network of several runs that lie near one another: the mean of their weights (Izmailov et al. 2018, arXiv 1803.05407; Wortsman et al.
2022, arXiv 2203.05482), which costs no more to run than one of them. Runs that began with one run's weights and moved little do; runs that
began with natural images and went far do not (decision 35)."""
import pathlib

import torch

from training.fit import Shelf, best_device, epoch_order
from training.network import build, white_balance

STATISTICS_FROM = 1536
"""Varied training crops that the normalisations' statistics are taken from."""
BATCH = 128


def mean_of(folders, sets, classes, settings):
    """The network whose weights are the mean of the finished runs' in `folders`, on the processor. Its normalisations' statistics are taken
    anew, on training crops varied and cut as `settings` say: those of the runs belong to their own weights, and to their own sizes."""
    states = [torch.load(pathlib.Path(folder) / "checkpoint.pt", map_location="cpu")["average"] for folder in folders]
    network = build(classes, settings)
    network.load_state_dict(
        {name: sum(state[name] for state in states) / len(states) if value.dtype.is_floating_point else value for name, value in states[0].items()}
    )
    network = network.to(best_device(), memory_format=torch.channels_last)
    take_statistics(network, _varied(sets, settings))
    return network.to("cpu").eval()


def _varied(sets, settings):
    shelf = Shelf(sets, best_device())
    order = epoch_order(sets, settings, 0)[:STATISTICS_FROM]
    for start in range(0, len(order), BATCH):
        crops = shelf.batch(order[start : start + BATCH], *settings.size_at(1), settings.strength, settings.variation, settings.seed + start)
        yield white_balance(crops.float()).contiguous(memory_format=torch.channels_last)


def take_statistics(network, batches):
    """Puts the mean and variance of `batches` (density images) into every batch normalisation in place of what training left there."""
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    network.eval()
    for norm in norms:
        # Without a momentum the running statistics are the mean over the batches.
        norm.momentum = None
        norm.reset_running_stats()
        norm.train()
    with torch.no_grad():
        for batch in batches:
            network.features(batch)
    for norm, momentum in zip(norms, before):
        norm.momentum = momentum
    return network.eval()
