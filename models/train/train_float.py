#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the float ResNet-20 or VGG-8 from which every shipped network starts.

    python3 models/train/train_float.py --data cifar10:DIR --out FILE.pt [--network vgg8] [--epochs 60]

SGD with Nesterov momentum, a short warm-up and a cosine to zero; bf16 autocast in the forward pass. A checkpoint is
written after every epoch, and the same command goes on from it after an interruption.
"""
import argparse
import math
import os
import time

import torch

import data
import process
from checkpoint import load, save_atomically
from topology import NETWORKS, load_float


def accuracy(model, images, labels, batch=500):
    model.eval()
    device = next(model.parameters()).device
    hits = 0
    with torch.no_grad():
        for start in range(0, len(images), batch):
            x = data.to_float(images[start:start + batch].to(device)).contiguous(memory_format=torch.channels_last)
            hits += int((model(x).argmax(1).cpu() == labels[start:start + batch]).sum())
    return hits / len(images)


def learning_rate(step, steps, peak, warmup_steps):
    if step < warmup_steps:
        return peak * (step + 1) / warmup_steps
    progress = (step - warmup_steps) / max(1, steps - warmup_steps)
    return 0.5 * peak * (1 + math.cos(math.pi * progress))


def dropout_state(device):
    """Where the device's own generator stands, which dropout draws from."""
    return torch.cuda.get_rng_state() if device == "cuda" else torch.get_rng_state()


def set_dropout_state(state, device):
    """state: None of a checkpoint from before it was saved."""
    if state is not None:
        (torch.cuda.set_rng_state if device == "cuda" else torch.set_rng_state)(state)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="cifar10:DIR or npz:DIR")
    parser.add_argument("--out", required=True, help="checkpoint to write (and to resume from)")
    parser.add_argument("--network", choices=sorted(NETWORKS), default="resnet20")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.2, help="peak learning rate")
    parser.add_argument("--weight-decay", type=float, default=5e-4)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--init", help="weights to start from: a checkpoint (.pt) or arrays (.npz); a second cycle")
    parser.add_argument("--test-every", type=int, default=10, help="epochs between two looks at the test images")
    parser.add_argument("--no-flip", action="store_true", help="no mirrored images (digits)")
    arguments = parser.parse_args()

    process.keep_freed_memory()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(arguments.seed)
    generator = torch.Generator().manual_seed(arguments.seed)
    (images, labels), (test_images, test_labels) = data.load(arguments.data)
    model = load_float(arguments.network, arguments.init) if arguments.init else NETWORKS[arguments.network]()
    model.to(arguments.device, memory_format=torch.channels_last)
    images, labels = images.to(arguments.device), labels.to(arguments.device)
    decay = [p for p in model.parameters() if p.dim() > 1]
    no_decay = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.SGD([{"params": decay, "weight_decay": arguments.weight_decay},
                                 {"params": no_decay, "weight_decay": 0.0}],
                                lr=arguments.lr, momentum=0.9, nesterov=True)
    loss_function = torch.nn.CrossEntropyLoss()
    steps_per_epoch = len(images) // arguments.batch
    steps = steps_per_epoch * arguments.epochs
    first_epoch = 0
    if os.path.exists(arguments.out):
        saved = load(arguments.out)
        if saved["arguments"]["network"] != arguments.network:
            raise SystemExit(f"{arguments.out}: a {saved['arguments']['network']}, not a {arguments.network}; name "
                             "another --out")
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        generator.set_state(saved["generator"])
        set_dropout_state(saved.get("dropout"), arguments.device)
        first_epoch = saved["epoch"]
        print(f"resumed {arguments.out} after epoch {first_epoch}", flush=True)

    for epoch in range(first_epoch, arguments.epochs):
        started = time.time()
        model.train()
        order = torch.randperm(len(images), generator=generator)
        loss_sum = torch.zeros((), device=arguments.device)
        for batch in range(steps_per_epoch):
            rate = learning_rate(epoch * steps_per_epoch + batch, steps, arguments.lr, 2 * steps_per_epoch)
            for group in optimizer.param_groups:
                group["lr"] = rate
            chosen = order[batch * arguments.batch:(batch + 1) * arguments.batch].to(arguments.device)
            x = data.augment(images[chosen], generator, flip=not arguments.no_flip)
            x = data.to_float(x).contiguous(memory_format=torch.channels_last)
            with torch.autocast(arguments.device, dtype=torch.bfloat16):
                loss = loss_function(model(x).float(), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            loss_sum += loss.detach()
        is_tested = (epoch + 1) % arguments.test_every == 0 or epoch + 1 == arguments.epochs
        top1 = accuracy(model, test_images, test_labels) if is_tested else None
        save_atomically({"model": model.state_dict(), "optimizer": optimizer.state_dict(),
                         "generator": generator.get_state(), "dropout": dropout_state(arguments.device), "epoch": epoch + 1, "test_top1": top1,
                         "arguments": vars(arguments)}, arguments.out)
        print(f"epoch {epoch + 1}/{arguments.epochs}  loss {float(loss_sum) / steps_per_epoch:.4f}  "
              + (f"test top-1 {100 * top1:.2f} %  " if is_tested else "")
              + f"{time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    process.run(main)
