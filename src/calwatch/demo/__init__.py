"""The embedded world: a calendar folder and a Maildir with realistic invitations, to see calwatch work in a minute."""
