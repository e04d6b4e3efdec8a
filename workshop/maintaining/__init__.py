"""What maintainers use, and learners' code never imports: the road, documents, proofs, measurements, packages."""
