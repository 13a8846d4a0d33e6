"""The only way to Google: requests paced, carried and answered; ``connection`` is the room to start in."""
