"""Google Calendar and Gmail through the official client library; ``open_account`` builds both ports of an account."""
