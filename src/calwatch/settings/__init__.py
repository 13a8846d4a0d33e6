"""The configuration: one tree assembled from each part's own options, loaded from one TOML file and the environment."""

from calwatch.settings.load import load
from calwatch.settings.paths import find_config, state_folder
from calwatch.settings.tree import Account, Away, Settings, YouOptions
from calwatch.settings.verify import verified

__all__ = ["Account", "Away", "Settings", "YouOptions", "find_config", "load", "state_folder", "verified"]
