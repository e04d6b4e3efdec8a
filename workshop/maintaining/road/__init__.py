"""The migration as patches in steps/: written from commits, carried forward, and checked."""
