"""`python signs/corpus CHECKOUTS`: the table of precision, from a folder with the checkouts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpus.measure import table

for line in table(Path(sys.argv[1])):
    print(line)
