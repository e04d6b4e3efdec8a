"""The labelled corpus: findings in public projects, drawn by seed and read by hand. References and verdicts, no code."""
