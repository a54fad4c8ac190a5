"""``python -m ui`` is the command ``vigie``."""

from ui.cli import main

main()
