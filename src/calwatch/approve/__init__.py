"""What an approval binds: exactly this content, to these people, with these times and actions, from this account.

Start here: ``canonical.py`` says when two contents are the same; ``binding.py`` says what may be approved.
"""
