"""What the model gets right: per-class figures, and the temperature that makes its probabilities honest."""
import numpy as np
import torch

from training.images import centre_crops
from training.network import mean_features


def logits_of(network, pixels, settings, views=8, batch=32, size_px=None):
    """Logits of stored crops as the bench would crop them; views 1 skips the orientations (quick looks in training)."""
    return head(network, features_of(network, pixels, settings, views, batch, size_px))


def features_of(network, pixels, settings, views=8, batch=32, size_px=None):
    """Features of stored crops as the bench would crop them, averaged over the orientations: n x d."""
    size = size_px or settings.size_px
    pixel_um = settings.pixel_um * settings.size_px / size
    return np.concatenate(
        [
            features_of_crops(network, centre_crops(pixels[start : start + batch], size, pixel_um), views, batch)
            for start in range(0, len(pixels), batch)
        ]
    )


def head(network, features):
    """Logits of features: n x d -> n x classes."""
    with torch.no_grad():
        return network.head(torch.from_numpy(features).to(next(network.parameters()).device)).cpu().numpy()


def logits_of_crops(network, crops, views=8, batch=32):
    """Logits of crops at the model's own scale, uint8 n x s x s x 3."""
    return head(network, features_of_crops(network, crops, views, batch))


def features_of_crops(network, crops, views=8, batch=32):
    """Features of crops at the model's own scale, uint8 n x s x s x 3."""
    network.eval()
    device = next(network.parameters()).device
    out = []
    with torch.no_grad():
        for start in range(0, len(crops), batch):
            images = torch.from_numpy(crops[start : start + batch]).to(device).permute(0, 3, 1, 2).float()
            out.append(mean_features(network, images, views).cpu())
    return torch.cat(out).numpy()


def figures(labels, predicted, classes):
    """Per class index: n, precision, recall (None where undefined); balanced accuracy over classes present; accuracy."""
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    per_class = {}
    for c in range(classes):
        n, named = int((labels == c).sum()), int((predicted == c).sum())
        right = int(((labels == c) & (predicted == c)).sum())
        per_class[c] = {"n": n, "precision": right / named if named else None, "recall": right / n if n else None}
    recalls = [f["recall"] for f in per_class.values() if f["n"]]
    return {
        "n": int(len(labels)),
        "accuracy": float((labels == predicted).mean()) if len(labels) else None,
        "balanced": float(np.mean(recalls)) if recalls else None,
        "classes": per_class,
    }


def confusion(labels, predicted, codes):
    """Counts by true code, then predicted code, as a manifest has them; only what occurred."""
    counts = {}
    for truth, given in zip(labels, predicted):
        row = counts.setdefault(codes[truth], {})
        row[codes[given]] = row.get(codes[given], 0) + 1
    return counts


def fit_temperature(logits, labels):
    """The temperature with the least negative log likelihood (Guo et al. 2017), searched on a fine grid 0.3 to 3."""
    logits, labels = torch.from_numpy(np.asarray(logits)).double(), torch.from_numpy(np.asarray(labels))
    best = min(np.exp(np.linspace(np.log(0.3), np.log(3), 231)), key=lambda t: torch.nn.functional.cross_entropy(logits / t, labels).item())
    return float(best)


def probabilities(logits, temperature):
    """Calibrated probabilities: n x classes."""
    return torch.softmax(torch.from_numpy(np.asarray(logits)) / temperature, 1).numpy()


def calibration_error(logits, labels, temperature, bins=10):
    """Expected calibration error: mean gap between the top probability and how often it is right, in ten
    equal bins, as `evaluate` computes it (src/shared/evaluation)."""
    scaled = probabilities(logits, temperature)
    top, right = scaled.max(1), scaled.argmax(1) == np.asarray(labels)
    error = 0.0
    for low in np.arange(bins) / bins:
        inside = (top > low) & (top <= low + 1 / bins)
        if inside.any():
            error += inside.mean() * abs(top[inside].mean() - right[inside].mean())
    return float(error)
