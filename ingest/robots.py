"""robots.txt (RFC 9309): what may be asked, how often, and which publishers keep their texts from AI."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

AGENT = "vigie"
# Agents of companies that read for AI: a publisher that shuts them all out keeps its texts from mining.
AI_AGENTS = ("GPTBot", "ClaudeBot", "CCBot", "Google-Extended", "anthropic-ai", "PerplexityBot", "Applebot-Extended")
READ_BYTES = 512 * 1024
"""What of a robots.txt is read at least (RFC 9309, 2.5: 500 KiB)."""


@dataclass(frozen=True, slots=True)
class Robots:
    """A host's rules. ``wait`` says that the file could not be had (5xx): nothing may be asked for now."""

    rules: Protego | None
    disallow_all: bool = False
    wait: bool = False

    def allows(self, url: str) -> bool:
        """Whether Vigie may ask for a URL."""
        if self.disallow_all or self.wait:
            return False
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))

    def crawl_delay(self) -> float:
        """Seconds that the host asks to keep between two requests; 0 when it says nothing."""
        if self.rules is None:
            return 0.0
        delay = self.rules.crawl_delay(AGENT)
        return max(0.0, float(delay or 0.0))

    def opts_out_of_ai(self, url: str) -> bool:
        """Whether the file shuts AI agents out of a URL by name while others may read it."""
        if self.rules is None:
            return False
        refused = sum(not self.rules.can_fetch(url, agent) for agent in AI_AGENTS)
        return refused >= 2 and self.allows(url)

    def sitemaps(self) -> list[str]:
        """The sitemaps that the file names."""
        return list(self.rules.sitemaps) if self.rules else []


def read_robots(status: int, content: bytes) -> Robots:
    """The rules that an answer to /robots.txt makes (RFC 9309, 2.3.1): a 4xx allows everything, 401 and 403 are taken
    at their word; 429 and a 5xx mean wait."""
    if status in (401, 403):
        return Robots(None, disallow_all=True)
    if status == 429 or status >= 500:
        return Robots(None, wait=True)
    if status >= 400 or status < 200:
        return Robots(None)
    try:
        return Robots(Protego.parse(content[:READ_BYTES].decode("utf-8", "replace")))
    except Exception:
        return Robots(None)
