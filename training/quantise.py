"""The int8 variant of a model package: `/usr/bin/python3 -m training.quantise PACKAGE`.

Chooses ranges on training crops, writes the package's `model-int8.onnx` and what its manifest says of it, measures both variants
with onnxruntime-node on validation crops and prints the figures. About two minutes.
"""
import argparse
import json
import pathlib
import sys

import numpy as np
import onnx

from training import images
from training.export import write_int8
from training.measure import calibration_error, figures
from training.ranges import probabilities
from training.rounding import quantised
from training.taxonomy import CODES, ROOT

SETS = {"marrow": "matek-160.tar", "blood": "pbc-160.tar"}
CALIBRATION_CROPS = 256
TOLERANCE = 0.02
"""How far a probability of the test vector may lie from the one stated: a pixel at the edge of a step may go either way on another
processor. The same graph computed in float throughout differs by 0.002 at most."""
MEASURED_TOLERANCE = 0.005


def calibration_crops(sets, size_px, pixel_um, count=CALIBRATION_CROPS, seed=1):
    """Training crops at the model's scale, as many of each set and class as there are to go round; uint8, n x s x s x 3."""
    random = np.random.default_rng(seed)
    groups = [(crops, np.flatnonzero(~crops.validation & (crops.labels == label))) for crops in sets for label in np.unique(crops.labels)]
    groups = [(crops, members) for crops, members in groups if len(members)]
    each = -(-count // len(groups))
    chosen = [crops.pixels[np.sort(random.permutation(members)[:each])] for crops, members in groups]
    return images.centre_crops(np.concatenate(chosen), size_px, pixel_um)


def add_int8(folder, sets):
    """Writes the int8 variant of the package in `folder`, with ranges chosen on the training crops of the sets."""
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf8"))
    size_px, pixel_um = manifest["input"]["sizePx"], manifest["input"]["pixelSizeUm"]
    graph = quantised(onnx.load(str(folder / manifest["file"])), calibration_crops(sets, size_px, pixel_um))
    manifest["int8"] = write_int8(folder, graph.SerializeToString())
    if "testVector" in manifest:
        crops = np.fromfile(folder / manifest["testVector"]["crops"], np.uint8).reshape(-1, size_px, size_px, 3)
        given = probabilities(folder / manifest["int8"]["file"], crops)
        manifest["int8"] = write_int8(folder, graph.SerializeToString(), given, TOLERANCE)
    write_manifest(folder, manifest)
    return manifest


def write_manifest(folder, manifest):
    (pathlib.Path(folder) / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")


def compared(folder, sets):
    """By set: balanced accuracy of both variants on its validation crops, how many of these both call the same, and what the
    manifest says of the int8 variant on it (`measured` in src/main/inference/manifest.ts)."""
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf8"))
    files = {"float": manifest["file"], "int8": manifest["int8"]["file"]}
    found = {}
    for crops in sets:
        chosen = np.flatnonzero(crops.validation)
        small, labels = images.centre_crops(crops.pixels[chosen], manifest["input"]["sizePx"], manifest["input"]["pixelSizeUm"]), crops.labels[chosen]
        given = {variant: probabilities(folder / file, small) for variant, file in files.items()}
        worth = {variant: figures(labels, each.argmax(1), len(CODES)) for variant, each in given.items()}
        found[crops.source] = {
            "n": len(chosen),
            **{variant: round(each["balanced"], 4) for variant, each in worth.items()},
            "same": round(float((given["float"].argmax(1) == given["int8"].argmax(1)).mean()), 4),
            "measured": {
                "set": crops.source,
                "path": SETS[crops.source],
                "pixelSizeUm": images.STORED_PIXEL_UM,
                "split": f"sha256-{images.VALIDATION_PERCENT}",
                "variant": "int8",
                "n": len(chosen),
                "balancedAccuracy": round(worth["int8"]["balanced"], 4),
                "accuracy": round(worth["int8"]["accuracy"], 4),
                "calibrationError": round(calibration_error(np.log(given["int8"] + 1e-12), labels, 1, bins=10), 4),
                "tolerance": MEASURED_TOLERANCE,
            },
        }
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", help="folder with manifest.json and the float model")
    parser.add_argument("--data", default=str(ROOT / "../shared/data"), help="folder with matek-160.tar and pbc-160.tar")
    parser.add_argument("--work", default=str(ROOT / "training/work"), help="cache of decoded crops")
    options = parser.parse_args(arguments)
    cache = pathlib.Path(options.work) / "cache"
    sets = [images.load(source, pathlib.Path(options.data) / file, cache) for source, file in SETS.items()]
    manifest = add_int8(options.package, sets)
    folder = pathlib.Path(options.package)
    bytes_ = {name: (folder / file).stat().st_size for name, file in (("float", manifest["file"]), ("int8", manifest["int8"]["file"]))}
    balanced = compared(folder, sets)
    measured = [each for each in manifest.get("measured", []) if each.get("variant") != "int8"]
    manifest["measured"] = measured + [each.pop("measured") for each in balanced.values()]
    write_manifest(folder, manifest)
    print(json.dumps({"bytes": bytes_, "balanced": balanced}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
