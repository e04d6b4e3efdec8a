"""`python signs PATH` from a checkout: nothing needs to be installed."""

import sys

from django_signs.command import main

sys.exit(main())
