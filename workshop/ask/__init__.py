"""Questions about a step or an exercise, for `./ws ask`: `questions` reads them, `session` asks them.

Each folder of steps/ and exercises/ has a `questions.toml`. An answer names its proof, and `workshop.maintaining.questions`
runs these proofs.
"""
