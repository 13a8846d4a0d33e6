"""The only way to Microsoft Graph: requests paced, carried and answered; ``connection`` is the room to start in."""
