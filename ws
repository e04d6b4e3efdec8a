#!/bin/sh
# Every command of the workshop: `./ws` goes on with the current exercise, `./ws --help` lists the others.
# It sets up first, which does nothing the second time. `./ws doctor` and `./ws clean` do not: any Python from 3.6 on
# can run the first, and the second removes what set-up makes.
WS_FROM=$(pwd)  # a path that is typed for a command starts in this folder
export WS_FROM
cd "$(dirname "$0")" || exit 1
if [ "${1:-}" = doctor ]; then
    shift
    for python in "$(sh workshop/find-python 2>/dev/null)" python3 python; do
        "$python" -E -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>/dev/null || continue
        exec "$python" -E workshop/base/doctor.py "$@"
    done
fi
python=$(sh workshop/find-python) || exit 1
if [ "${1:-}" = clean ]; then exec "$python" -E -m workshop.base.clean; fi
"$python" -E -m workshop.base.setup exercises || exit 1
if [ $# = 0 ]; then set -- start; fi
exec .venv/bin/python -E -m workshop "$@"
