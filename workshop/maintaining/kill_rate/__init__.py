"""The share of small mistakes in a stage's business rules that its own tests notice, with and without a database.

`mutate` finds the mistakes that can be made, `sides` says where the rules and their tests are, `trials` plants one
mistake a process and runs the tests on it, `run` draws a sample and counts.
"""
