"""Starts plumbline, the program that says whether a live PostgreSQL schema is the one its migrations describe."""

import os
import sys


def main():
    """Becomes the program, so that signals and exit codes are its own."""
    launcher = os.path.join(os.path.dirname(os.path.realpath(__file__)), "launcher.sh")
    os.execv("/bin/sh", ["sh", launcher, *sys.argv[1:]])
