"""The loopback Ollama, under the name that the tests know it by."""

from evals.loopback_ollama import FakeOllama, ollama_server

__all__ = ["FakeOllama", "ollama_server"]
