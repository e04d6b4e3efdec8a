"""`python -m django_signs PATH`."""

import sys

from .command import main

sys.exit(main())
