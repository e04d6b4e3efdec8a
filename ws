#!/bin/sh
# The learner's commands: `./ws` goes on with the current exercise, `./ws --help` lists the rest.
# It sets up first, which does nothing the second time.
cd "$(dirname "$0")" || exit 1
python=$(sh workshop/find-python) && "$python" -m workshop.setup exercises || exit 1
if [ $# = 0 ]; then set -- start; fi
exec .venv/bin/python -m workshop "$@"
