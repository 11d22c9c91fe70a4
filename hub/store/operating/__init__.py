"""Operating tables: runs, cursors, leases and sign-ins. They steer the service and are no part of its truth."""
