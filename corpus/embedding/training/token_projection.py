"""Make ``projection.npy`` and ``token_weights.npy`` for a model folder: what late interaction compares tokens by.

    python -m corpus.embedding.training.token_projection MODEL_FOLDER PARALLEL_FOLDER --tokenizer-only-first 20000

The projection is the 64 leading principal directions of the token states (the mean taken out by their orthogonality is not:
unit rows are compared by angle); a token's weight is its inverse document frequency over the sentences read. Reads
Tatoeba's English-French pairs (CC BY 2.0) and TICO-19 (CC0), both sides.
"""

from __future__ import annotations

import argparse
import gzip
import re
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

DIMENSION = 64


def texts(parallel: Path) -> list[str]:
    """Both sides of the parallel texts, the long ones of TICO-19 first."""
    found = re.findall(r"<seg>(.*?)</seg>", (parallel / "tico19.en-fr.tmx").read_text(encoding="utf-8"), re.DOTALL)
    with gzip.open(parallel / "tatoeba-en-fr.tsv.gz", "rt", encoding="utf-8") as file:
        for line in file:
            found += line.rstrip("\n").split("\t")[:2]
    return found


def main(folder: Path, parallel: Path) -> None:
    """Write both files into the model's folder."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    read = texts(parallel)
    frequency = np.zeros(model.config.vocab_size)
    for at in range(0, len(read), 4096):
        for ids in tokenizer(read[at : at + 4096], truncation=True, max_length=256)["input_ids"]:
            frequency[np.unique(ids)] += 1
    weights = np.log1p((len(read) - frequency + 0.5) / (frequency + 0.5))
    covariance, mean, count = np.zeros((model.config.hidden_size,) * 2), np.zeros(model.config.hidden_size), 0
    sample = read[:3000] + read[6000::80][:4000]
    with torch.no_grad():
        for at in range(0, len(sample), 64):
            batch = tokenizer(sample[at : at + 64], padding=True, truncation=True, max_length=128, return_tensors="pt")
            states = model(**batch).last_hidden_state[batch["attention_mask"].bool()].numpy().astype(np.float64)
            covariance += states.T @ states
            mean += states.sum(0)
            count += len(states)
    mean /= count
    values, vectors = np.linalg.eigh(covariance / count - np.outer(mean, mean))
    leading = vectors[:, np.argsort(-values)[:DIMENSION]]
    np.save(folder / "projection.npy", leading.astype(np.float32))
    np.save(folder / "token_weights.npy", (weights / weights.max()).astype(np.float16))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("parallel", type=Path)
    chosen = parser.parse_args()
    main(chosen.folder, chosen.parallel)
