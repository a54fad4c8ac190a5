"""Chat models through LangChain: ``ollama:MODEL`` first of all, any ``provider:model`` that LangChain can name.

LangChain and the providers' libraries are imported when a model is asked for, never before.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from rag.errors import ModelUnavailable
from rag.models import AnswerSettings

log = logging.getLogger(__name__)


def stream_chat(model: str, messages: Sequence[tuple[str, str]], settings: AnswerSettings) -> Iterator[str]:
    """The model's answer in pieces as they come.

    Raises ModelUnavailable, saying why in a few words, when the model is missing, down, slower than ``settings.timeout``
    in all, or fails on the way.
    """
    chat = _open(model, settings)
    deadline = time.monotonic() + settings.timeout
    try:
        for piece in chat.stream(list(messages)):
            if time.monotonic() > deadline:
                raise ModelUnavailable(model, f"slower than {settings.timeout:.0f} s")
            text = piece.content if isinstance(piece.content, str) else _joined(piece.content)
            if text:
                yield text
    except ModelUnavailable:
        raise
    except Exception as error:
        # Every provider has its own errors; what matters to the reader is that the model did not answer, and why.
        log.info("chat model %s failed", model, exc_info=True)
        raise ModelUnavailable(model, _cause(model, error)) from error


def _open(model: str, settings: AnswerSettings) -> Any:
    provider, _, name = model.partition(":")
    try:
        if provider == "ollama" and name:
            from langchain_ollama import ChatOllama

            return ChatOllama(
                model=name,
                base_url=settings.ollama_url,
                temperature=0,
                num_ctx=settings.context_tokens,
                num_predict=700,
                reasoning=False,
                client_kwargs={"timeout": settings.timeout},
            )
        from langchain.chat_models import init_chat_model

        return init_chat_model(model, temperature=0, timeout=settings.timeout)
    except Exception as error:
        raise ModelUnavailable(model, _cause(model, error)) from error


def _joined(content: Any) -> str:
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)


def _cause(model: str, error: Exception) -> str:
    """A few words for the reader."""
    text = f"{type(error).__name__} {error}".lower()
    if "404" in text or "not found" in text:
        name = model.partition(":")[2]
        return f"model not found; ollama pull {name}" if model.startswith("ollama:") else "model not found"
    if "timeout" in text or "timed out" in text:
        return "too slow"
    if any(word in text for word in ("peer closed", "incomplete", "disconnected", "connection reset")):
        return "cut off on the way"
    if isinstance(error, ValueError) and "expecting" in text and "char" in text:
        return "an answer that cannot be read"
    if "connect" in text or "refused" in text:
        return "no answer from the server; ollama serve" if model.startswith("ollama:") else "no answer from the server"
    first = re.sub(r" \(status code: -?\d+\)$", "", (str(error).strip().splitlines() or [""])[0])
    return (first or type(error).__name__)[:120]
