"""Coverage-guided fuzzing of everything that reads what servers send (the targets of ``evals/hostile.py``).

Runs in an environment with Vigie's packages and atheris (https://github.com/google/atheris), which Vigie never depends on:

    python -m evals.fuzz_ingest feed SEEDS -max_total_time=600 -timeout=20 -rss_limit_mb=3000

SEEDS is a folder of examples, which also takes what is found on the way; options after it are libFuzzer's. An input that
crashes a reader, takes too long or too much memory, or leaves something that could run in an article, ends the run and is kept.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Fuzz the target that is named until libFuzzer's limits are reached."""
    import atheris

    readers = (
        "ingest",
        "feedparser",
        "protego",
        "corpus.blocks",
        "corpus.enrich",
        "evals.hostile",
        "xml.etree",
        "trafilatura",
    )
    with atheris.instrument_imports(include=list(readers)):
        from evals.hostile import TARGETS
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
