"""``python -m assetplan``."""

from __future__ import annotations

from assetplan.cli import main

if __name__ == "__main__":
    main()
