"""Fewer features of a trained network, for the same answers: what a bench keeps of every cell, and measures distances in."""
import numpy as np
import torch
import torch.nn as nn

WIDTH = 256
"""Features kept: 1 KB a cell in the casebook."""


class Narrowed(nn.Module):
    """A network behind the same interface whose features are seen along `basis` (d x width, orthonormal), from `centre` (d)."""

    def __init__(self, network, basis, centre):
        super().__init__()
        self.network = network
        self.narrow = nn.Linear(*basis.shape)
        self.head = nn.Linear(basis.shape[1], network.head.out_features)
        with torch.no_grad():
            self.narrow.weight.copy_(basis.T)
            self.narrow.bias.copy_(-centre @ basis)
            self.head.weight.copy_(network.head.weight @ basis)
            self.head.bias.copy_(network.head.bias + network.head.weight @ centre)
        network.head = nn.Identity()

    def features(self, x):
        return self.narrow(self.network.features(x))

    def forward(self, x):
        return self.head(self.features(x))


def narrowed(network, features, width=WIDTH):
    """The network with `width` features in place of d: the directions its head reads, so that no logit changes, and of what is
    left those along which `features` (n x d, of training crops) vary most."""
    features = torch.from_numpy(np.asarray(features, np.float64))
    read = torch.linalg.qr(network.head.weight.detach().double().T)[0]
    centre = features.mean(0)
    rest = features - centre
    rest = rest - rest @ read @ read.T
    main = torch.linalg.eigh(rest.T @ rest)[1].flip(1)[:, : width - read.shape[1]]
    basis = torch.linalg.qr(torch.cat([read, main], 1))[0]
    return Narrowed(network, basis.float(), centre.float()).eval()
