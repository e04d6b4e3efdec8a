"""The proofs of the answers that `./ws ask` gives, and the page `questions/` of the site.

`stated` reads files and figures, `planted` runs code: tests, import contracts and lines of Python, on a copy with a change in it.
`places` makes these copies, `prove` runs the proofs of a question, `form` checks how questions are written.
"""
