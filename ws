#!/bin/sh
# The learner's commands: `./ws` goes on with the current exercise, `./ws --help` lists the rest.
# It sets up first, which does nothing the second time; but for `./ws doctor`, which any Python from 3.6 on can run.
cd "$(dirname "$0")" || exit 1
if [ "${1:-}" = doctor ]; then
    shift
    for python in "$(sh workshop/find-python 2>/dev/null)" python3 python; do
        "$python" -E -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null || continue
        exec "$python" -E workshop/base/doctor.py "$@"
    done
fi
python=$(sh workshop/find-python) && "$python" -E -m workshop.base.setup exercises || exit 1
if [ $# = 0 ]; then set -- start; fi
exec .venv/bin/python -E -m workshop "$@"
