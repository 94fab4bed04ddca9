"""The training loop: balanced epochs, AdamW with a warmed-up cosine, moving average of the weights, checkpoints.

On a GPU the crops lie in its memory and are varied there; on a processor other processes vary them.
"""
import collections
import concurrent.futures
import copy
import json
import math
import multiprocessing
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

from training.augment import VARIATION, augment
from training.natural import load_natural
from training.network import build, orientation, white_balance


CHECKPOINT_SECONDS = 15
"""Epochs shorter than this do not each leave a checkpoint."""


class Settings:
    """What a training run is; kept in its checkpoint, so a resumed run has the same."""

    def __init__(self, **changes):
        self.size_px = 112
        self.pixel_um = 0.192
        self.widths = (32, 64, 128, 256)
        self.depths = (1, 1, 2, 1)
        self.network = "slim"
        self.natural = False
        """Begins with weights learned from natural images (natural.py)."""
        self.instance_stages = 0
        self.dropout = 0.2
        self.epochs = 40
        self.minutes = None
        """Trains for so long in place of a number of epochs: the learning rate follows the clock."""
        self.batch = 64
        self.learning_rate = 3e-3
        self.body_share = 1.0
        """Of the learning rate, for everything but the head: less where the body's weights were learned before."""
        self.warm_share = 0.2
        self.weight_decay = 0.03
        self.smoothing = 0.05
        self.mixup = 0.3
        self.strength = 1.0
        self.variation = {}
        """Changes to augment.VARIATION."""
        self.average_decay = 0.998
        self.small_px = 80
        self.small_share = 0.5
        self.rendered_per_epoch = 1500
        self.shares = {}
        self.after = None
        """Number of the stage whose weights this one begins with; the one before where None."""
        self.taught_by = ()
        """Numbers of the stages whose mean is this one's teacher (mean.py); none where empty."""
        self.taught_share = 0.5
        """Of the target, what the teacher says; the rest is the label."""
        self.seed = 1
        for name, value in changes.items():
            if not hasattr(self, name):
                raise ValueError(f"no setting named {name}")
            setattr(self, name, value)

    def size_at(self, progress):
        """(side, pixel size): the first part sees the same field at fewer pixels, which is half the work."""
        if progress < self.small_share:
            return self.small_px, self.pixel_um * self.size_px / self.small_px
        return self.size_px, self.pixel_um

    def rate_at(self, progress):
        """The learning rate: up in a straight line, down in a cosine."""
        if progress < self.warm_share:
            return self.learning_rate * (0.05 + 0.95 * progress / self.warm_share)
        return self.learning_rate * (0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * (progress - self.warm_share) / (1 - self.warm_share))))


def best_device():
    """A CUDA device where there is one, or the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def epoch_order(sets, settings, epoch):
    """(set, image) pairs of one epoch: of every real set's training images the share `shares` names (all where it names none),
    and as many rendered ones of each class as share `rendered_per_epoch` equally."""
    random = np.random.default_rng([settings.seed, epoch])
    pairs = []
    for index, crops in enumerate(sets):
        usable = np.nonzero(~crops.validation)[0]
        if crops.source == "rendered":
            classes = np.unique(crops.labels[usable])
            each = max(1, settings.rendered_per_epoch // len(classes))
            for label in classes:
                of_class = random.permutation(usable[crops.labels[usable] == label])
                pairs += [(index, i) for i in np.resize(of_class, each)]
        else:
            kept = round(len(usable) * settings.shares.get(crops.source, 1))
            pairs += [(index, i) for i in random.permutation(usable)[:kept]]
    return [pairs[i] for i in random.permutation(len(pairs))]


class Shelf:
    """The crops of all sets where batches are made of them: in the GPU's memory, or as they lie on disk."""

    def __init__(self, sets, device):
        self.sets = sets
        self.device = device
        if device.type == "cuda":
            self.starts = np.cumsum([0] + [len(crops) for crops in sets])
            self.pixels = torch.cat([torch.from_numpy(np.array(crops.pixels)) for crops in sets]).to(device)

    def batch(self, pairs, size_px, pixel_um, strength, variation, seed):
        """Varied images of (set, image) pairs as the bench would hand them over, uint8 n x 3 x s x s."""
        if self.device.type == "cuda":
            pixels = self.pixels[torch.tensor([self.starts[s] + i for s, i in pairs], device=self.device)]
        else:
            pixels = torch.from_numpy(np.stack([self.sets[s].pixels[i] for s, i in pairs]))
        generator = torch.Generator(self.device).manual_seed(seed)
        with torch.no_grad():
            return augment(pixels, size_px, pixel_um, generator, strength, {**VARIATION, **variation}).round().byte()


_shared = {}


def _start_worker(sets):
    torch.set_num_threads(1)
    _shared["shelf"] = Shelf(sets, torch.device("cpu"))


def _batch_of_worker(*work):
    return _shared["shelf"].batch(*work).numpy()


def _batches(shelf, settings, epoch, size, order, pool):
    """(images, labels) of every whole batch of the epoch; other processes prepare a few ahead where there is a pool."""
    ahead = collections.deque()
    for start in range(0, len(order) - settings.batch + 1, settings.batch):
        pairs = order[start : start + settings.batch]
        seed = (settings.seed * 100_003 + epoch) * 10_007 + start
        labels = torch.tensor([int(shelf.sets[s].labels[i]) for s, i in pairs])
        work = (pairs, *size, settings.strength, settings.variation, seed)
        if pool is None:
            yield shelf.batch(*work), labels.to(shelf.device)
            continue
        ahead.append((pool.submit(_batch_of_worker, *work), labels))
        if len(ahead) > 4:
            images, labels = ahead.popleft()
            yield torch.from_numpy(images.result()), labels
    for images, labels in ahead:
        yield torch.from_numpy(images.result()), labels


def _average(average, network, decay):
    with torch.no_grad():
        kept = [value for value in average.state_dict().values() if value.dtype.is_floating_point]
        fresh = [value for value in network.state_dict().values() if value.dtype.is_floating_point]
        torch._foreach_mul_(kept, decay)
        torch._foreach_add_(kept, fresh, alpha=1 - decay)


NATURAL_CROPS = 512
"""Varied crops on which the normalisations of weights learned from natural images are restored."""


def begin(network, start_from, shelf, settings):
    """Gives `network` the weights of `start_from`: the folder of a finished run, or that of an unpacked package of weights learned from
    natural images (natural.py)."""
    checkpoint_file = pathlib.Path(start_from) / "checkpoint.pt"
    if checkpoint_file.exists() or not settings.natural:
        begin_with(network, torch.load(checkpoint_file, map_location=shelf.device))
        return
    order = epoch_order(shelf.sets, settings, 0)[:NATURAL_CROPS]
    size = settings.size_at(1)
    batches = (
        white_balance(shelf.batch(order[start : start + 64], *size, settings.strength, settings.variation, settings.seed + start).float())
        for start in range(0, len(order), 64)
    )
    load_natural(network, start_from, batches)


def begin_with(network, saved):
    """Gives `network` the averaged weights of a run whose stages had the same width and no more blocks. A block that run had
    not answers nothing at first (its last normalisation starts at zero), so the network begins by saying what the run's did."""
    if saved["settings"]["network"] != "slim":
        network.load_state_dict(saved["average"])
        return
    theirs = iter(range(sum(saved["settings"]["depths"])))
    renamed, block = {}, 0
    for depth, their_depth in zip(network.depths, saved["settings"]["depths"]):
        for i in range(depth):
            if i < their_depth:
                renamed[next(theirs)] = block
            block += 1
    fresh = network.state_dict()
    for name, value in saved["average"].items():
        part, rest = name.split(".", 1)
        if part == "body":
            number, rest = rest.split(".", 1)
            name = f"body.{renamed[int(number)]}.{rest}"
        fresh[name] = value
    network.load_state_dict(fresh)


class _Clock:
    """How far a run is, 0 to 1, by epochs or by the time it has trained."""

    def __init__(self, settings, seconds_before):
        self.settings = settings
        self.started = time.time() - seconds_before

    def seconds(self):
        return time.time() - self.started

    def progress(self, epoch, share_of_epoch):
        if self.settings.minutes is not None:
            return min(1.0, self.seconds() / (60 * self.settings.minutes))
        return (epoch + share_of_epoch) / self.settings.epochs


def _targets(labels, classes, smoothing):
    return F.one_hot(labels, classes).float() * (1 - smoothing) + smoothing / classes


def _what_teacher_says(teacher, inputs, number):
    """The teacher's probabilities of the very images the network sees, in another orientation: over many batches the network learns what
    the teacher says in the mean over all of them, which costs the bench as many passes (after Beyer et al. 2022, arXiv 2106.05237)."""
    with torch.no_grad(), torch.autocast(inputs.device.type, torch.bfloat16):
        return torch.softmax(teacher(orientation(inputs, number).contiguous(memory_format=torch.channels_last)).float(), 1)


def _groups(network, settings):
    """The optimiser's parameter groups: weights decay, what shifts and scales does not; the body learns at its share of the rate."""
    head = {id(p) for p in network.head.parameters()}
    groups = []
    for share, chosen in ((settings.body_share, lambda p: id(p) not in head), (1.0, lambda p: id(p) in head)):
        for decay, dimensions in ((settings.weight_decay, lambda p: p.ndim > 1), (0.0, lambda p: p.ndim <= 1)):
            groups.append({"params": [p for p in network.parameters() if chosen(p) and dimensions(p)], "weight_decay": decay, "share": share})
    return groups


def train(sets, classes, settings, folder, report=None, stop_after=None, start_from=None, workers=0, device=None, teacher=None):
    """Trains or resumes in `folder` (checkpoint.pt, log.jsonl) and returns the averaged network, on the processor.

    start_from: the folder of a finished run whose averaged weights a new run begins with, its network may have fewer blocks; or the
    folder of a package of weights learned from natural images.
    teacher: a network whose word counts for `taught_share` of every target.
    report(network, epoch, size_px) -> dict goes into the log; stop_after ends the call early after that epoch, as a crash would.
    workers: processes that prepare images beside this one (not on a GPU); the result is the same with any number.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint_file = folder / "checkpoint.pt"
    device = device or best_device()
    torch.manual_seed(settings.seed)
    network = build(classes, settings).to(device, memory_format=torch.channels_last)
    shelf = Shelf(sets, device)
    if start_from and not checkpoint_file.exists():
        begin(network, start_from, shelf, settings)
    average = copy.deepcopy(network)
    if teacher is not None:
        teacher = teacher.to(device, memory_format=torch.channels_last).eval()
    optimiser = torch.optim.AdamW(_groups(network, settings), lr=settings.learning_rate)
    epoch, seconds, taken = 0, 0.0, 0
    if checkpoint_file.exists():
        saved = torch.load(checkpoint_file, map_location=device)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        epoch, seconds, taken = saved["epoch"] + 1, saved["seconds"], saved["taken"]
    pool = None
    if workers and device.type == "cpu":
        context = multiprocessing.get_context("fork")
        pool = concurrent.futures.ProcessPoolExecutor(workers, context, _start_worker, (sets,))
    clock = _Clock(settings, seconds)
    kept_at = seconds
    while clock.progress(epoch, 0) < 1 and (stop_after is None or epoch <= stop_after):
        started = clock.seconds()
        torch.manual_seed(settings.seed * 100_019 + epoch)
        random = np.random.default_rng([settings.seed, epoch, 1])
        order = epoch_order(sets, settings, epoch)
        batches = len(order) // settings.batch
        size = settings.size_at(clock.progress(epoch, 0))
        network.train()
        total, done = torch.zeros((), device=device), 0
        for images, labels in _batches(shelf, settings, epoch, size, order, pool):
            progress = clock.progress(epoch, done / batches)
            if progress >= 1:
                break
            with torch.no_grad():
                inputs = white_balance(images.float())
                targets = _targets(labels, classes, settings.smoothing)
                if settings.mixup > 0 and random.random() < 0.5:
                    share = float(random.beta(settings.mixup, settings.mixup))
                    other = torch.from_numpy(random.permutation(len(labels))).to(device)
                    inputs = share * inputs + (1 - share) * inputs[other]
                    targets = share * targets + (1 - share) * targets[other]
                inputs = inputs.contiguous(memory_format=torch.channels_last)
                if teacher is not None:
                    said = _what_teacher_says(teacher, inputs, int(random.integers(1, 8)))
                    targets = (1 - settings.taught_share) * targets + settings.taught_share * said
            for group in optimiser.param_groups:
                group["lr"] = settings.rate_at(progress) * group["share"]
            optimiser.zero_grad(set_to_none=True)
            # Half the time where the processor multiplies in bfloat16; the weights stay in float32.
            with torch.autocast(device.type, torch.bfloat16):
                logits = network(inputs)
            loss = -(targets * F.log_softmax(logits.float(), 1)).sum(1).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            taken += 1
            _average(average, network, min(settings.average_decay, (1 + taken) / (10 + taken)))
            total += loss.detach()
            done += 1
        line = {"epoch": epoch, "sizePx": size[0], "loss": round(total.item() / max(1, done), 4), "seconds": round(clock.seconds() - started, 1)}
        average.eval()
        if report:
            line.update(report(average, epoch, size[0]))
        with open(folder / "log.jsonl", "a", encoding="utf8") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        epoch += 1
        ended = clock.progress(epoch, 0) >= 1 or (stop_after is not None and epoch > stop_after)
        if not ended and clock.seconds() - kept_at < CHECKPOINT_SECONDS:
            continue
        kept_at = clock.seconds()
        partial = folder / "checkpoint.partial"
        torch.save(
            {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "epoch": epoch - 1,
                "seconds": clock.seconds(),
                "taken": taken,
                "settings": vars(settings),
            },
            partial,
        )
        partial.replace(checkpoint_file)
    if pool:
        pool.shutdown()
    average.eval()
    return average.to("cpu")
