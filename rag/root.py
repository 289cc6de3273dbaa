"""Where the program lies. By itself, so that child processes need not import what the settings are made
of.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
