"""The nouns of calwatch as frozen values; no behaviour that needs a clock, a file or a network."""
