"""The admin pages: server-rendered; whoever holds an open session sees everything and may send a plan. Webhooks in."""
