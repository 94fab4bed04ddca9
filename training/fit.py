"""The training loop: balanced epochs, one-cycle AdamW, moving average of the weights, a checkpoint after every epoch."""
import collections
import concurrent.futures
import copy
import json
import multiprocessing
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

from training.augment import augment
from training.network import build, white_balance


class Settings:
    """What a training run is; kept in its checkpoint, so a resumed run has the same."""

    def __init__(self, **changes):
        self.size_px = 112
        self.pixel_um = 0.192
        self.widths = (32, 64, 128, 256)
        self.depths = (1, 1, 2, 1)
        self.network = "slim"
        self.dropout = 0.2
        self.epochs = 40
        self.batch = 64
        self.learning_rate = 3e-3
        self.warm_share = 0.2
        self.weight_decay = 0.03
        self.smoothing = 0.05
        self.mixup = 0.3
        self.strength = 1.0
        self.average_decay = 0.998
        self.small_px = 80
        self.small_share = 0.5
        self.rendered_per_epoch = 1500
        self.shares = {}
        self.seed = 1
        for name, value in changes.items():
            if not hasattr(self, name):
                raise ValueError(f"no setting named {name}")
            setattr(self, name, value)

    def size_at(self, epoch):
        """(side, pixel size): the first epochs see the same field at fewer pixels, which is half the work."""
        if epoch < self.epochs * self.small_share:
            return self.small_px, self.pixel_um * self.size_px / self.small_px
        return self.size_px, self.pixel_um


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


_shared = {}


def _start_worker(sets):
    torch.set_num_threads(1)
    _shared["sets"] = sets


def _batch(pairs, size_px, pixel_um, strength, seed, sets=None):
    """Varied images of (set, image) pairs as the bench would hand them over, uint8 n x 3 x s x s."""
    sets = sets or _shared["sets"]
    pixels = np.stack([sets[s].pixels[i] for s, i in pairs])
    with torch.no_grad():
        return augment(pixels, size_px, pixel_um, torch.Generator().manual_seed(seed), strength).round().byte().numpy()


def _batches(sets, settings, epoch, order, pool):
    """(images, labels) of every whole batch of the epoch; other processes prepare a few ahead where there is a pool."""
    size_px, pixel_um = settings.size_at(epoch)
    ahead = collections.deque()
    for start in range(0, len(order) - settings.batch + 1, settings.batch):
        pairs = order[start : start + settings.batch]
        seed = (settings.seed * 100_003 + epoch) * 10_007 + start
        labels = torch.tensor([int(sets[s].labels[i]) for s, i in pairs])
        work = (pairs, size_px, pixel_um, settings.strength, seed)
        if pool is None:
            yield torch.from_numpy(_batch(*work, sets=sets)), labels
            continue
        ahead.append((pool.submit(_batch, *work), labels))
        if len(ahead) > 4:
            images, labels = ahead.popleft()
            yield torch.from_numpy(images.result()), labels
    for images, labels in ahead:
        yield torch.from_numpy(images.result()), labels


def _average(average, network, decay):
    with torch.no_grad():
        for kept, fresh in zip(average.state_dict().values(), network.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.mul_(decay).add_(fresh, alpha=1 - decay)
            else:
                kept.copy_(fresh)


def begin_with(network, saved):
    """Gives `network` the averaged weights of a run whose stages had the same width and no more blocks. A block that run had
    not answers nothing at first (its last normalisation starts at zero), so the network begins by saying what the run's did."""
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


def train(sets, classes, settings, folder, report=None, stop_after=None, start_from=None, workers=0):
    """Trains or resumes in `folder` (checkpoint.pt, log.jsonl) and returns the averaged network.

    start_from: the folder of a finished run whose averaged weights a new run begins with; its network may have fewer blocks.
    report(network, epoch) -> dict goes into the log; stop_after ends the call early after that epoch, as a crash would.
    workers: processes that prepare images beside this one; the result is the same with any number.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint_file = folder / "checkpoint.pt"
    torch.manual_seed(settings.seed)
    network = build(classes, settings).to(memory_format=torch.channels_last)
    if start_from and not checkpoint_file.exists():
        begin_with(network, torch.load(pathlib.Path(start_from) / "checkpoint.pt"))
    average = copy.deepcopy(network)
    decayed = [p for p in network.parameters() if p.ndim > 1]
    plain = [p for p in network.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=settings.learning_rate,
    )
    steps = len(epoch_order(sets, settings, 0)) // settings.batch * settings.epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=steps + 1, pct_start=settings.warm_share, div_factor=10, final_div_factor=200
    )
    first = 0
    if checkpoint_file.exists():
        saved = torch.load(checkpoint_file)
        network.load_state_dict(saved["network"])
        average.load_state_dict(saved["average"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        first = saved["epoch"] + 1
        if stop_after is not None and saved["epoch"] >= stop_after:
            first = settings.epochs
    pool = None
    if workers:
        context = multiprocessing.get_context("fork")
        pool = concurrent.futures.ProcessPoolExecutor(workers, context, _start_worker, (sets,))
    for epoch in range(first, settings.epochs):
        started = time.time()
        generator = torch.Generator().manual_seed(settings.seed * 100_003 + epoch)
        torch.manual_seed(settings.seed * 100_019 + epoch)
        order = epoch_order(sets, settings, epoch)
        network.train()
        total, batches = 0.0, 0
        for images, labels in _batches(sets, settings, epoch, order, pool):
            with torch.no_grad():
                inputs = white_balance(images.float())
                targets = F.one_hot(labels, classes).float()
                targets = targets * (1 - settings.smoothing) + settings.smoothing / classes
                if settings.mixup > 0 and torch.rand(1, generator=generator).item() < 0.5:
                    share = float(np.random.default_rng([settings.seed, epoch, batches]).beta(settings.mixup, settings.mixup))
                    other = torch.randperm(len(labels), generator=generator)
                    inputs = share * inputs + (1 - share) * inputs[other]
                    targets = share * targets + (1 - share) * targets[other]
                inputs = inputs.contiguous(memory_format=torch.channels_last)
            optimiser.zero_grad(set_to_none=True)
            # Half the processor time where the processor multiplies in bfloat16; the weights stay in float32.
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(inputs)
            loss = -(targets * F.log_softmax(logits.float(), 1)).sum(1).mean()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            taken = epoch * (len(order) // settings.batch) + batches
            _average(average, network, min(settings.average_decay, (1 + taken) / (10 + taken)))
            total += loss.item()
            batches += 1
        line = {"epoch": epoch, "sizePx": settings.size_at(epoch)[0], "loss": round(total / max(1, batches), 4), "seconds": round(time.time() - started, 1)}
        average.eval()
        if report:
            line.update(report(average, epoch))
        with open(folder / "log.jsonl", "a", encoding="utf8") as log:
            log.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)
        partial = folder / "checkpoint.partial"
        torch.save(
            {
                "network": network.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "epoch": epoch,
                "settings": vars(settings),
            },
            partial,
        )
        partial.replace(checkpoint_file)
        if stop_after is not None and epoch >= stop_after:
            break
    if pool:
        pool.shutdown()
    average.eval()
    return average
