"""How far a cell lies from those the network learned from: Mahalanobis distance in the space of its features (Lee et al. 2018,
arXiv 1807.03888), one mean a class, one covariance for all."""
import numpy as np
import torch

SHRINKAGE = 0.1
"""Share of the mean variance added to every direction: features that hardly vary must not decide."""


class Familiarity(torch.nn.Module):
    """Features n x d -> distance n, 0 and more: to the nearest class, in units of the spread within the classes (its mean square
    over the directions is 1 for a cell like those learned from)."""

    def __init__(self, means, whitening):
        super().__init__()
        self.register_buffer("whitening", torch.as_tensor(whitening, dtype=torch.float32))
        self.register_buffer("means", torch.as_tensor(means, dtype=torch.float32) @ self.whitening)

    def forward(self, features):
        white = features @ self.whitening
        squares = (white * white).sum(1, keepdim=True) - 2 * white @ self.means.T + (self.means * self.means).sum(1)
        return (squares.min(1).values.clamp(min=0) / self.means.shape[1]).sqrt()


def fit_familiarity(features, labels):
    """From features (n x d) of training images, labels n; a class without images has no mean."""
    features, labels = np.asarray(features, np.float64), np.asarray(labels)
    means = np.stack([features[labels == c].mean(0) for c in np.unique(labels)])
    within = features - means[np.searchsorted(np.unique(labels), labels)]
    covariance = within.T @ within / len(within)
    covariance += SHRINKAGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh(covariance)
    return Familiarity(means, vectors / np.sqrt(values))
