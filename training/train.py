"""From labelled crops to the shipped model package, in one command: `npm run train`.

Decodes the sets, has the simulator draw cells of every class, trains (or resumes), calibrates, measures, writes the package.
`--without marrow|blood` trains without one image of that laboratory and measures on it: what a new laboratory may expect.
`--database FOLDER` trains from a folder in the public marrow database's layout, `--network resnext50` its published network.
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

from training import card, images, measure
from training.allocation import keep_large_blocks
from training.assess import assess, assess_left_out, quick_report
from training.augment import FAR_VARIATION
from training.export import write_package
from training.fit import Settings, train
from training.mean import mean_of
from training.narrow import narrowed
from training.network import Deployed
from training.refit import refitted
from training.taxonomy import CODES, ROOT

NAME = "marrow"
WITHOUT_IMAGES = ["ABE", "FGC", "HAC", "KSC", "LYI", "OTH", "PEB", "PLM"]
"""Classes no public set here has a real image of."""

DEEP = {"small_share": 0.0, "warm_share": 0.12, "depths": (2, 2, 3, 2)}
STAGES = (
    {"epochs": 50, "small_share": 0.6, "warm_share": 0.12},
    # Begins with the first stage's weights and four more blocks.
    {**DEEP, "epochs": 34, "learning_rate": 2.5e-3, "shares": {"blood": 0.7}},
    # The same field of 21.6 um in more pixels, and no more mixed images.
    {
        **DEEP,
        "epochs": 14,
        "learning_rate": 1.5e-3,
        "size_px": 144,
        "pixel_um": 0.15,
        "mixup": 0.0,
        "shares": {"blood": 0.6},
        "rendered_per_epoch": 1260,
    },
)
LEFT_OUT = (
    {
        **DEEP,
        "epochs": 70,
        "batch": 256,
        "learning_rate": 4e-3,
        "warm_share": 0.1,
        "widths": (64, 128, 256, 512),
        "instance_stages": 3,
        "dropout": 0.4,
        "mixup": 0.2,
        "size_px": 144,
        "pixel_um": 0.15,
        "rendered_per_epoch": 2000,
        "variation": FAR_VARIATION,
    },
)
"""For a laboratory left out: varied further, normalised image by image. Minutes on a GPU, days on two cores (see --effort)."""
NATURAL = {
    "network": "mobilenet",
    "natural": True,
    "small_share": 0.0,
    "size_px": 144,
    "pixel_um": 0.15,
    "batch": 128,
    "rendered_per_epoch": 1260,
}
NATURAL_SHIPPED = {**NATURAL, "body_share": 0.25, "weight_decay": 0.1, "mixup": 0.0}
NATURAL_AGAIN = {**NATURAL_SHIPPED, "after": 1, "warm_share": 0.05, "average_decay": 0.995}
NATURAL_STAGES = (
    {**NATURAL_SHIPPED, "epochs": 36, "learning_rate": 4e-3, "warm_share": 0.1, "seed": 2},
    # Twice a little further, each from the first stage's weights, seeing the same field in fewer pixels.
    {**NATURAL_AGAIN, "epochs": 4, "learning_rate": 8e-4, "size_px": 128, "pixel_um": 0.16875, "seed": 3},
    {**NATURAL_AGAIN, "epochs": 5, "learning_rate": 1.5e-3, "size_px": 112, "pixel_um": 0.192, "variation": {"blurred": 0.6}, "seed": 4},
    # From the first stage's weights again, for long, taught by the mean of the three: what ships.
    {**NATURAL_SHIPPED, "after": 1, "taught_by": (1, 2, 3), "epochs": 37, "learning_rate": 2e-3, "warm_share": 0.08, "size_px": 128, "pixel_um": 0.16875, "seed": 13},
)
TEACHER = {"variation": {}, "seed": 4}
"""What of a stage's settings differs for the crops its teacher's statistics are taken from."""
NATURAL_LEFT_OUT = (
    {
        **NATURAL,
        "epochs": 50,
        "learning_rate": 4e-3,
        "body_share": 0.15,
        "warm_share": 0.1,
        "instance_stages": 3,
        "dropout": 0.4,
        "mixup": 0.2,
        "variation": FAR_VARIATION,
    },
)
"""With weights begun on natural images (--begin-with)."""
RESNEXT = ({"network": "resnext50", "size_px": 224, "pixel_um": 0.096, "epochs": 20, "small_share": 0.0, "learning_rate": 1e-3},)


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


def load_sets(data, rendered, cache, database=None):
    """The crop sets there are: marrow and blood, or a folder in the public database's layout in their place; rendered may be None."""
    if database:
        sets = [images.load("database", database, cache)]
    else:
        sets = [
            images.load("marrow", pathlib.Path(data) / "matek-160.tar", cache),
            images.load("blood", pathlib.Path(data) / "pbc-160.tar", cache),
        ]
    if rendered:
        sets.append(images.load("rendered", rendered, cache))
    return sets


def run_stages(sets, stages, work, run, workers=1, begin=None):
    """Trains stage after stage, each from the one before or the one it names (the first from `begin`, where there is one), resuming where a
    run stopped; the last one's network and settings."""
    for number, settings in enumerate(stages, 1):
        after = number - 1 if settings.after is None else settings.after
        before = stage_folder(work, run, after) if after else begin
        teacher = None
        if settings.taught_by:
            teacher = mean_of([stage_folder(work, run, each) for each in settings.taught_by], sets, len(CODES), Settings(**{**vars(settings), **TEACHER}))
        network = train(
            sets, len(CODES), settings, stage_folder(work, run, number), quick_report(sets, settings), start_from=before, workers=workers, teacher=teacher
        )
    return network, settings


def stage_folder(work, run, number):
    """Where stage `number` (from 1) of a run keeps its checkpoint."""
    return pathlib.Path(work) / f"{run}-{number}"


def epochs_of(folder):
    """How many epochs a finished run had: fewer or more than its settings say where it went by the clock."""
    return torch.load(folder / "checkpoint.pt", map_location="cpu")["epoch"] + 1


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=str(ROOT / "../shared/data"), help="folder with matek-160.tar and pbc-160.tar")
    parser.add_argument("--database", help="folder of CLASS/.../NAME crops of 23 um (the public database's layout) in place of --data's two sets")
    parser.add_argument("--fold", help="K/N: validate on part K of N (1 to N), for cross-validation")
    parser.add_argument("--network", choices=("slim", "resnext50"), default="slim")
    parser.add_argument("--begin-with", metavar="FOLDER", help="begin with weights learned from natural images: a folder with the unpacked package (training/README.md)")
    parser.add_argument("--without", choices=("marrow", "blood"), help="leave one laboratory out and measure on it; writes no package")
    parser.add_argument("--out", help="the model package to write (default: resources/models/marrow-VERSION, with --database WORK/package)")
    parser.add_argument("--work", default=str(ROOT / "training/work"), help="cache and checkpoints")
    parser.add_argument("--run", help="name of the run in the work folder; an unfinished run is resumed")
    parser.add_argument("--model-version", help="default: 5 with --begin-with, else 2")
    parser.add_argument("--rendered", help="folder of drawn cells; drawn anew where absent (default: WORK/rendered)")
    parser.add_argument("--no-rendered", action="store_true", help="real images only")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--views", type=int, choices=(1, 2, 4, 8), help="orientations the exported graph averages over (default: 2 with --begin-with, else 4)")
    parser.add_argument("--effort", type=float, default=1, help="epochs, as a multiple of the recipe's")
    parser.add_argument("--minutes", type=float, help="train for so long in place of the recipe's epochs")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=JSON", help="a setting of training/fit.py for every stage, e.g. batch=32")
    options = parser.parse_args(arguments)
    if options.begin_with and options.network != "slim":
        parser.error("--begin-with brings a network of its own: leave --network out")
    options.model_version = options.model_version or ("5" if options.begin_with else "2")
    options.views = options.views or (2 if options.begin_with and not options.without else 4)
    options.run = options.run or "-".join(filter(None, ("run", options.network != "slim" and options.network, options.begin_with and "natural", options.without and f"without-{options.without}")))
    return options


def some_features(network, settings, sets, count=2000):
    """Features of `count` training crops of all sets alike, one orientation."""
    each = -(-count // len(sets))
    random = np.random.default_rng(settings.seed)
    chosen = [np.sort(random.permutation(np.flatnonzero(~crops.validation))[:each]) for crops in sets]
    return np.concatenate([measure.features_of(network, crops.pixels[some], settings, views=1) for crops, some in zip(sets, chosen)])


def recipe_of(options):
    """The stages' settings."""
    if options.network == "resnext50":
        return RESNEXT
    if options.begin_with:
        return NATURAL_LEFT_OUT if options.without else NATURAL_STAGES
    return LEFT_OUT if options.without else STAGES


def main(arguments=None):
    options = parse(arguments)
    keep_large_blocks()
    torch.set_num_threads(options.threads)
    work = pathlib.Path(options.work)
    rendered = None
    if not options.no_rendered:
        rendered = pathlib.Path(options.rendered) if options.rendered else work / "rendered"
        render(rendered, seed=1)
    sets = load_sets(options.data, rendered, work / "cache", options.database)
    if options.fold:
        part, folds = (int(each) for each in options.fold.split("/"))
        for crops in sets:
            crops.validate_on(part - 1, folds)
    changes = {name: json.loads(value) for name, value in (change.split("=", 1) for change in options.set)}
    stages = []
    recipe = recipe_of(options)
    for stage in recipe:
        settings = Settings(**{**stage, **changes})
        settings.epochs = max(1, round(settings.epochs * options.effort))
        settings.minutes = options.minutes and options.minutes / len(recipe)
        stages.append(settings)
    used = [crops for crops in sets if crops.source != options.without]
    network, settings = run_stages(used, stages, work, options.run, begin=options.begin_with)
    if recipe is NATURAL_STAGES:
        network = refitted(network, used, settings)
    if settings.natural:
        network = narrowed(network, some_features(network, settings, used))
    if options.without:
        left_out = next(crops for crops in sets if crops.source == options.without)
        result = assess_left_out(network, settings, used, left_out, options.data, options.views)
    else:
        result = assess(network, settings, sets, options.data, options.views)
        result["epochs"] = sum(epochs_of(stage_folder(work, options.run, number)) for number in range(1, len(stages) + 1))
        if recipe is NATURAL_STAGES:
            result["remarks"] = [
                "Three stages (144, 128 and 112 pixels of the same field) came first; the mean of their weights taught the last one, which half followed it and "
                "half the labels. The head was then learned anew with every class alike."
            ]
        out = options.out or (work / "package" if options.database else ROOT / f"resources/models/{NAME}-{options.model_version}")
        package(out, network, settings, result, sets, options)
    (stage_folder(work, options.run, len(stages)) / "result.json").write_text(json.dumps({key: part for key, part in result.items() if key not in ("familiarity", "testCrops")}, indent=1))
    summary = {key: {"n": f["n"], "accuracy": f["accuracy"], "balanced": f["balanced"]} for key, f in result["figures"].items()}
    for row in result.get("adapted", ()):
        print(json.dumps(row))
    print(json.dumps(summary, indent=1))
    return 0


def package(out, network, settings, result, sets, options):
    """Writes the model package of a trained and assessed network."""
    module = Deployed(network.to(memory_format=torch.contiguous_format).eval(), result["temperature"], result["familiarity"], options.views)
    write_package(
        out,
        network,
        result["temperature"],
        settings,
        NAME,
        options.model_version,
        result["evidence"],
        [card.SOURCES[crops.source] for crops in sets] + ([card.NATURAL] if settings.natural else []),
        card.write_card(NAME, options.model_version, settings, result),
        module=module,
        unsure=result["unsure"],
        unfamiliar=result["unfamiliar"],
        confusion=result["confusion"],
        test_crops=result["testCrops"],
        measured=result["measured"],
    )


if __name__ == "__main__":
    sys.exit(main())
