"""The admin pages: server-rendered and read-only; whoever holds an open session sees everything."""
