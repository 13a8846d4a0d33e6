"""calwatch watches an interviewee's calendar and has a courteous reply ready when an interview cannot take place."""

__version__ = "0.1.0"
