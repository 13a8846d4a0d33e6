"""Google Calendar behind its port: ``google_calendar`` is it, ``sync`` its change feed, ``parse`` where JSON ends."""
