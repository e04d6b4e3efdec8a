"""Maintainers' tools, which learners' code never imports: the road, documents, proofs, measurements, packages."""
