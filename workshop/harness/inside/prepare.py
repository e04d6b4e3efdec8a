"""Makes the tables of a stage's database and an operator's key, which it prints, in one process instead of three.

Where the environment names a superuser, as Django's createsuperuser reads it, that user may log in to the admin.
"""

import os

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    if "DJANGO_SUPERUSER_USERNAME" in os.environ:
        call_command("createsuperuser", interactive=False, verbosity=0)
    call_command("create_api_key", role="operator")


if __name__ == "__main__":
    main()
