"""The command line: `main` is what the `hub` command runs."""

from hub.startup import check_packages


def main() -> None:
    """Check that our packages are ours, then run the command."""
    check_packages()
    from hub.cli.commands import run

    run()
