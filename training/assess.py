"""What a trained network is worth, from validation images alone: everything the manifest and the card state."""
import pathlib

import numpy as np
import torch

from training import fields, measure
from training.adapt import adaptations
from training.decide import unfamiliar_threshold, unsure_threshold
from training.familiarity import fit_familiarity
from training.images import STORED_PIXEL_UM, VALIDATION_PERCENT, centre_crops
from training.taxonomy import CODES

ERROR_RATES = (0.02, 0.05, 0.1)
"""Error rates a reader may choose from; the middle one is the package's own."""
UNFAMILIAR_SHARE = 0.01
FAMILIAR_PER_CLASS = 150
"""Training images a class, and source, that say what is familiar."""
PATHS = {"marrow": "matek-160.tar", "blood": "pbc-160.tar"}
MEASURED_TOLERANCE = 0.005


def quick_report(sets, settings, every=5):
    """Balanced accuracy on a half of the validation images, one orientation, every few epochs: to see how it goes."""

    def report(network, epoch, size_px):
        if epoch % every != every - 1:
            return {}
        line = {}
        for crops in sets:
            chosen = np.flatnonzero(crops.validation)[::2]
            logits = measure.logits_of(network, crops.pixels[chosen], settings, views=1, size_px=size_px)
            line[crops.source] = round(measure.figures(crops.labels[chosen], logits.argmax(1), len(CODES))["balanced"], 4)
        return line

    return report


def familiarity_of(network, settings, sets, views):
    """What is familiar, from training images: as many of each class and source, where there are so many."""
    features, labels = [], []
    for crops in sets:
        for label in np.unique(crops.labels):
            of_class = np.flatnonzero((crops.labels == label) & ~crops.validation)
            chosen = np.sort(np.random.default_rng([settings.seed, int(label)]).permutation(of_class)[:FAMILIAR_PER_CLASS])
            if len(chosen):
                features.append(measure.features_of(network, crops.pixels[chosen], settings, views))
                labels += [label] * len(chosen)
    return fit_familiarity(np.concatenate(features), labels)


def assess(network, settings, sets, data, views=8):
    """sources, figures (by set; see measure.figures), temperature, calibrationError, evidence, confusion, unsure, unfamiliar,
    measured, testCrops (uint8, n x s x s x 3), familiarity, parameters."""
    classes = len(CODES)
    result = {"sources": {}, "figures": {}, "parameters": sum(p.numel() for p in network.parameters()), "views": views}
    features, logits, labels = {}, {}, {}
    for crops in sets:
        chosen = np.flatnonzero(crops.validation)
        features[crops.source] = measure.features_of(network, crops.pixels[chosen], settings, views)
        logits[crops.source] = measure.head(network, features[crops.source])
        labels[crops.source] = crops.labels[chosen]
        result["sources"][crops.source] = {"training": int((~crops.validation).sum()), "validation": len(chosen)}
        result["figures"][crops.source] = measure.figures(labels[crops.source], logits[crops.source].argmax(1), classes)
    real = [source for source in logits if source != "rendered"]
    real_logits, real_labels = np.concatenate([logits[s] for s in real]), np.concatenate([labels[s] for s in real])
    # Not surer than the hardest laboratory's images bear: any other's are hardly easier than those learned from.
    result["temperature"] = max(measure.fit_temperature(logits[source], labels[source]) for source in real)
    result["calibrationError"] = measure.calibration_error(real_logits, real_labels, result["temperature"])
    result.update(evidence_of(logits, labels, real_logits, real_labels))
    probabilities = measure.probabilities(real_logits, result["temperature"])
    result["unsure"] = unsure_threshold(probabilities.max(1), probabilities.argmax(1) == real_labels, ERROR_RATES)
    result["familiarity"] = familiarity_of(network, settings, sets, views)
    result["unfamiliar"] = unfamiliar_threshold(distances(result["familiarity"], np.concatenate([features[s] for s in real])), UNFAMILIAR_SHARE)
    result["measured"] = [
        {
            "set": source,
            "path": PATHS[source],
            "pixelSizeUm": STORED_PIXEL_UM,
            "split": f"sha256-{VALIDATION_PERCENT}",
            "n": len(labels[source]),
            "balancedAccuracy": round(result["figures"][source]["balanced"], 4),
            "accuracy": round(result["figures"][source]["accuracy"], 4),
            "calibrationError": round(measure.calibration_error(logits[source], labels[source], result["temperature"]), 4),
            "tolerance": MEASURED_TOLERANCE,
        }
        for source in real
        if source in PATHS
    ]
    result["testCrops"] = test_crops(sets, settings)
    in_fields(network, settings, data, views, result["figures"])
    return result


def distances(familiarity, features):
    """Of features (n x d), n."""
    with torch.no_grad():
        return familiarity(torch.from_numpy(features)).numpy()


def evidence_of(logits, labels, real_logits, real_labels):
    """Per class what the validation images say, of real ones where there are any, and the confusion matrix of the same images."""
    classes = len(CODES)
    predicted = real_logits.argmax(1)
    of_real = measure.figures(real_labels, predicted, classes)["classes"]
    drawn, drawn_predicted = np.zeros(0, int), np.zeros(0, int)
    if "rendered" in logits:
        drawn, drawn_predicted = labels["rendered"], logits["rendered"].argmax(1)
    of_drawn = measure.figures(drawn, drawn_predicted, classes)["classes"]
    evidence = {}
    for index, code in enumerate(CODES):
        kind, entry = "none", {"n": 0, "precision": None, "recall": None}
        if of_real[index]["n"]:
            kind, entry = "real", of_real[index]
        elif of_drawn[index]["n"]:
            kind, entry = "rendered", of_drawn[index]
        rounded = {key: None if entry[key] is None else round(entry[key], 4) for key in ("precision", "recall")}
        evidence[code] = {"images": kind, "n": entry["n"], **rounded}
    alone = np.array([evidence[CODES[label]]["images"] == "rendered" for label in drawn], bool)
    confusion = measure.confusion(
        np.concatenate([real_labels, drawn[alone]]), np.concatenate([predicted, drawn_predicted[alone]]), CODES
    )
    return {"evidence": evidence, "confusion": confusion}


def test_crops(sets, settings, n=4):
    """Drawn cells, or the first set's where there are none, for the package's test vector."""
    crops = next((each for each in sets if each.source == "rendered"), sets[0])
    chosen = np.flatnonzero(crops.validation)
    return centre_crops(crops.pixels[np.sort(chosen[np.linspace(0, len(chosen) - 1, n).astype(int)])], settings.size_px, settings.pixel_um)


def in_fields(network, settings, data, views, figures):
    """Adds the figures of cells in whole fields: the marrow fields', and those of a third laboratory that nothing is trained on."""
    of_fields = fields.marrow_fields(pathlib.Path(data) / "marrow-fields", settings.size_px, settings.pixel_um)
    if of_fields:
        crops, truth, validation = of_fields
        predicted = measure.logits_of_crops(network, crops, views).argmax(1)
        figures["fields"] = measure.figures(truth[validation], predicted[validation], len(CODES))
        figures["fieldsAll"] = measure.figures(truth, predicted, len(CODES))
    third = fields.blood_fields(pathlib.Path(data) / "blood-fields", settings.size_px, settings.pixel_um)
    if third:
        crops, truth = third
        predicted = measure.logits_of_crops(network, crops, views).argmax(1)
        predicted = np.where(predicted == CODES.index("NGB"), CODES.index("NGS"), predicted)
        figures["third"] = measure.figures(truth, predicted, len(CODES))
        frequent = np.isin(truth, np.flatnonzero(np.bincount(truth, minlength=len(CODES)) > 10))
        figures["thirdFrequent"] = measure.figures(truth[frequent], predicted[frequent], len(CODES))


def assess_left_out(network, settings, used, left_out, data, views=8):
    """Figures of the sets used and of a laboratory none of whose images was, its classes that another real set has too: as the network
    is, and adapted without a label (adapt.py), each way, with the one that is surest named."""
    result = {"figures": {}}
    for crops in used:
        chosen = np.flatnonzero(crops.validation)
        predicted = measure.logits_of(network, crops.pixels[chosen], settings, views).argmax(1)
        result["figures"][crops.source] = measure.figures(crops.labels[chosen], predicted, len(CODES))
    learned = np.unique(np.concatenate([crops.labels for crops in used if crops.source != "rendered"]))
    chosen = np.flatnonzero(np.isin(left_out.labels, learned))
    labels, pixels = left_out.labels[chosen], left_out.pixels[chosen]
    predicted = measure.logits_of(network, pixels, settings, views).argmax(1)
    result["figures"][f"without {left_out.source}"] = measure.figures(labels, predicted, len(CODES))
    drawn = sorted(set(range(len(CODES))) - set(learned.tolist()))
    rows = adaptations(network, pixels, settings, drawn, views, settings.seed)
    result["adapted"] = []
    for scale, share, sureness, logits in rows:
        balanced = measure.figures(labels, logits.argmax(1), len(CODES))["balanced"]
        result["adapted"].append({"scale": round(scale, 3), "share": share, "sureness": round(sureness, 4), "balanced": round(balanced, 4)})
    surest = max(rows, key=lambda row: row[2])[3].argmax(1)
    result["figures"][f"without {left_out.source}, drawn classes rare"] = measure.figures(labels, rows[0][3].argmax(1), len(CODES))
    result["figures"][f"without {left_out.source}, adapted"] = measure.figures(labels, surest, len(CODES))
    result["confusion"] = measure.confusion(labels, surest, CODES)
    in_fields(network, settings, data, views, result["figures"])
    return result
