"""The files that deploy a hub: the image, the compose file, the systemd units."""
