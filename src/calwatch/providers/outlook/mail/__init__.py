"""An Outlook mailbox: read, searched, and the place where letters wait in the person's own Drafts."""
