#!/usr/bin/env python
"""Django's command line for this stage."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    from plumbing.migrated import migrate_first

    with migrate_first():
        execute_from_command_line(sys.argv)
