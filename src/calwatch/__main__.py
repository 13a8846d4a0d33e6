"""The process: answers ``--version`` at once, pins zone data, runs a command, gives its exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from calwatch import __version__


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; gives the exit code (0 done, 1 failed, 2 usage, 3 not found, 4 sign in, 5 refused, 75, 78)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words in (["--version"], ["-V"]):  # answered before anything else is imported
        print(f"calwatch {__version__}")
        return 0
    _pin_zone_data()
    # A command lives half a second and leaves no garbage worth a look: without collections during the imports and
    # at exit it takes two thirds of the time. The service switches them on again.
    gc.disable()
    from calwatch import cli

    try:
        code = cli.run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has left (`calwatch drafts | head -1`); that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        gc.freeze()
        gc.enable()
    return code


def _pin_zone_data() -> None:
    """Makes ``zoneinfo`` read the pinned tzdata package only: a system's own zone data may be years old."""
    os.environ["PYTHONTZPATH"] = ""
    if "zoneinfo" in sys.modules:
        sys.modules["zoneinfo"].reset_tzpath(())


if __name__ == "__main__":
    sys.exit(main())
