"""Questions about the store that the command line and the admin page both ask. Reads only."""
