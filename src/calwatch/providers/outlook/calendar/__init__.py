"""Outlook's calendars behind their port: ``outlook_calendar`` is it, ``sync`` the feed, ``parse`` where JSON ends."""
