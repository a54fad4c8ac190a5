"""Average a trained student's weights with those it began from: a little of the teacher forgets less (Wortsman et al. 2022).

    python -m corpus.embedding.training.average START TRAINED OUT --share 0.1

START is the folder that ``distil`` was given as OUT (the teacher with the new words), TRAINED its ``trained`` folder.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch
from transformers import AutoModel


def average(start: Path, trained: Path, out: Path, share: float) -> None:
    """Write ``share`` of START and the rest of TRAINED to ``out``, with TRAINED's other files."""
    models = [
        AutoModel.from_pretrained(folder, add_pooling_layer=False, dtype=torch.float32) for folder in (start, trained)
    ]
    first, second = (model.state_dict() for model in models)
    mixed = {n: torch.lerp(w, first[n], share) if w.is_floating_point() else w for n, w in second.items()}
    models[1].load_state_dict(mixed)
    models[1].save_pretrained(out)
    for name in ("tokenizer.json", "projection.npy", "token_weights.npy"):
        shutil.copy(trained / name, out / name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--share", type=float, default=0.1)
    chosen = parser.parse_args()
    average(chosen.start, chosen.trained, chosen.out, chosen.share)
