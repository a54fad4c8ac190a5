"""The teacher with French words in its vocabulary: the student before its first step.

A French word that the teacher's tokenizer cuts into pieces, and that the training texts hold often enough to learn, becomes a
token of its own; its embedding starts as the mean of its pieces'. Accents stay folded, as the teacher has them: people
type without.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModel

LEAST = 5
"""Occurrences in the training texts that a word needs."""
MOST = 14_000


def extend(teacher: Path, out: Path, french: Iterable[str]) -> int:
    """Write the student's folder (tokenizer.json, config.json, model.safetensors); returns the number of new tokens."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(teacher / "tokenizer.json"))
    known = tokenizer.get_vocab()
    counts: Counter[str] = Counter()
    for text in french:
        normal = tokenizer.normalizer.normalize_str(text)
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal) if word.isalpha())
    words = [w for w, n in counts.most_common() if n >= LEAST and len(w) > 2 and w not in known][:MOST]
    pieces = [tokenizer.encode(w, add_special_tokens=False).ids for w in words]
    shape = json.loads((teacher / "tokenizer.json").read_text(encoding="utf-8"))
    first = max(known.values()) + 1
    shape["model"]["vocab"] |= {word: first + at for at, word in enumerate(words)}
    shape["truncation"] = shape["padding"] = None
    (out / "tokenizer.json").write_text(json.dumps(shape, ensure_ascii=False), encoding="utf-8")
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        if (teacher / name).exists():
            shutil.copy(teacher / name, out / name)
    model = AutoModel.from_pretrained(teacher, add_pooling_layer=False, dtype=torch.float32)
    old = model.get_input_embeddings().weight.detach()
    new = torch.stack([old[ids].mean(0) for ids in pieces]) if pieces else old[:0]
    model.resize_token_embeddings(first + len(words), mean_resizing=False)
    with torch.no_grad():
        model.get_input_embeddings().weight[first:] = new
    model.save_pretrained(out)
    return len(words)
