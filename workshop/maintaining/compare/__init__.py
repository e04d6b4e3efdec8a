"""`make compare`: two stages side by side, every figure measured in the same run, the price next to the gain."""
