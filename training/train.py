"""From labelled crops to the shipped model package, in one command: `npm run train`.

Decodes the sets, has the simulator draw cells of every class, trains (or resumes), calibrates, measures, writes the package.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GOMP_SPINCOUNT", "0")

import numpy as np
import torch

from training import card, fields, images, measure
from training.export import write_package
from training.fit import Settings, train
from training.taxonomy import CODES, ROOT

NAME = "marrow"
WITHOUT_IMAGES = ["ABE", "FGC", "HAC", "KSC", "LYI", "OTH", "PEB", "PLM"]
"""Classes no public set here has a real image of."""

FIRST_STAGE = {"epochs": 52, "small_share": 0.65, "warm_share": 0.12}
"""Real images only, stopped while the learning rate is still high: what follows starts from its averaged weights."""
FIRST_STAGE_STOPS_AFTER = 20
SECOND_STAGE = {"epochs": 18, "small_share": 0.55, "warm_share": 0.05, "learning_rate": 2e-3, "strength": 0.75}
"""With the drawn cells and milder variation, to the end of the learning rate."""
THIRD_STAGE = {"epochs": 12, "small_share": 0.0, "warm_share": 0.08, "learning_rate": 2e-3, "rendered_per_epoch": 1900}
"""Once more at full size and with the full variation: the milder one had cost a third laboratory's images."""


def render(folder, seed):
    """Cells drawn by the simulator: more of the classes that have no real image. Drawn only where the folder is absent."""
    folder = pathlib.Path(folder)
    if folder.exists():
        return
    for classes, per_class in ((WITHOUT_IMAGES, 260), ([code for code in CODES if code not in WITHOUT_IMAGES], 120)):
        command = [str(ROOT / "node_modules/.bin/node"), "scripts/render-crops.ts", "--out", str(folder)]
        command += ["--per-class", str(per_class), "--seed", str(seed), "--classes", ",".join(classes)]
        command += ["--size", str(images.STORED_PX), "--pixel-size", str(images.STORED_PIXEL_UM)]
        subprocess.run(command, cwd=ROOT, check=True)


def load_sets(data, rendered, cache):
    """The crop sets there are: marrow and blood must be, rendered may be None."""
    sets = [
        images.load("marrow", pathlib.Path(data) / "matek-160.tar", cache),
        images.load("blood", pathlib.Path(data) / "pbc-160.tar", cache),
    ]
    if rendered:
        sets.append(images.load("rendered", rendered, cache))
    return sets


def quick_report(sets, settings, every=5):
    """Balanced accuracy on a half of the validation images, one orientation, every few epochs: to see how it goes."""

    def report(network, epoch):
        if epoch % every != every - 1:
            return {}
        size_px, _ = settings.size_at(epoch)
        line = {}
        for crops in sets:
            chosen = np.flatnonzero(crops.validation)[::2]
            logits = measure.logits_of(network, crops.pixels[chosen], settings, views=1, size_px=size_px)
            line[crops.source] = round(measure.figures(crops.labels[chosen], logits.argmax(1), len(CODES))["balanced"], 4)
        return line

    return report


def measured(network, settings, sets, data):
    """Everything the manifest and the card state, from validation images alone."""
    classes = len(CODES)
    result = {"sources": {}, "figures": {}, "parameters": sum(p.numel() for p in network.parameters())}
    logits, labels = {}, {}
    for crops in sets:
        chosen = np.flatnonzero(crops.validation)
        logits[crops.source] = measure.logits_of(network, crops.pixels[chosen], settings)
        labels[crops.source] = crops.labels[chosen]
        result["sources"][crops.source] = {"training": int((~crops.validation).sum()), "validation": len(chosen)}
        result["figures"][crops.source] = measure.figures(labels[crops.source], logits[crops.source].argmax(1), classes)
    real = [source for source in logits if source != "rendered"]
    real_logits, real_labels = np.concatenate([logits[s] for s in real]), np.concatenate([labels[s] for s in real])
    result["temperature"] = measure.fit_temperature(real_logits, real_labels)
    result["calibrationError"] = measure.calibration_error(real_logits, real_labels, result["temperature"])
    of_real = measure.figures(real_labels, real_logits.argmax(1), classes)["classes"]
    of_rendered = result["figures"].get("rendered", {}).get("classes", {})
    result["evidence"] = {}
    for index, code in enumerate(CODES):
        kind, entry = "none", {"n": 0, "precision": None, "recall": None}
        if of_real[index]["n"]:
            kind, entry = "real", of_real[index]
        elif of_rendered.get(index, entry)["n"]:
            kind, entry = "rendered", of_rendered[index]
        rounded = {key: None if entry[key] is None else round(entry[key], 4) for key in ("precision", "recall")}
        result["evidence"][code] = {"images": kind, "n": entry["n"], **rounded}
    of_fields = fields.marrow_fields(pathlib.Path(data) / "marrow-fields", settings.size_px, settings.pixel_um)
    if of_fields:
        crops, truth, validation = of_fields
        predicted = measure.logits_of_crops(network, crops).argmax(1)
        result["figures"]["fields"] = measure.figures(truth[validation], predicted[validation], classes)
        result["figures"]["fieldsAll"] = measure.figures(truth, predicted, classes)
    third = fields.blood_fields(pathlib.Path(data) / "blood-fields", settings.size_px, settings.pixel_um)
    if third:
        crops, truth = third
        predicted = measure.logits_of_crops(network, crops).argmax(1)
        predicted = np.where(predicted == CODES.index("NGB"), CODES.index("NGS"), predicted)
        result["figures"]["third"] = measure.figures(truth, predicted, classes)
    return result


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=str(ROOT / "../shared/data"), help="folder with matek-160.tar and pbc-160.tar")
    parser.add_argument("--out", default=str(ROOT / "resources/models/marrow-1"), help="the model package to write")
    parser.add_argument("--work", default=str(ROOT / "training/work"), help="cache and checkpoints")
    parser.add_argument("--run", default="final", help="name of the run in the work folder; an unfinished run is resumed")
    parser.add_argument("--model-version", default="1")
    parser.add_argument("--rendered", help="folder of drawn cells; drawn anew where absent (default: WORK/rendered)")
    parser.add_argument("--no-rendered", action="store_true", help="real images only")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=JSON", help="a setting of training/fit.py for both stages, e.g. batch=32")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    work = pathlib.Path(options.work)
    rendered = None
    if not options.no_rendered:
        rendered = pathlib.Path(options.rendered) if options.rendered else work / "rendered"
        render(rendered, seed=1)
    sets = load_sets(options.data, rendered, work / "cache")
    changes = {name: json.loads(value) for name, value in (change.split("=", 1) for change in options.set)}
    first, second, settings = (Settings(**{**stage, **changes}) for stage in (FIRST_STAGE, SECOND_STAGE, THIRD_STAGE))
    real = [crops for crops in sets if crops.source != "rendered"]
    first_run, second_run, run = (work / f"{options.run}-{number}" for number in (1, 2, 3))
    if not (run / "checkpoint.pt").exists():
        if not (second_run / "checkpoint.pt").exists():
            train(real, len(CODES), first, first_run, quick_report(real, first), stop_after=FIRST_STAGE_STOPS_AFTER, workers=1)
        train(sets, len(CODES), second, second_run, quick_report(sets, second), start_from=first_run, workers=1)
    network = train(sets, len(CODES), settings, run, quick_report(sets, settings), start_from=second_run, workers=1)
    result = measured(network, settings, sets, options.data)
    result["epochs"] = FIRST_STAGE_STOPS_AFTER + 1 + second.epochs + settings.epochs
    text = card.write_card(NAME, options.model_version, settings, result)
    sources = [card.SOURCES[crops.source] for crops in sets]
    write_package(options.out, network, result["temperature"], settings, NAME, options.model_version, result["evidence"], sources, text)
    (run / "result.json").write_text(json.dumps(result, indent=1))
    summary = {key: {"n": f["n"], "accuracy": f["accuracy"], "balanced": f["balanced"]} for key, f in result["figures"].items()}
    print(json.dumps({"temperature": result["temperature"], "calibrationError": result["calibrationError"], **summary}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
