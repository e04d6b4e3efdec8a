"""The scorecard: what each change request cost at each rung, from the patches in steps/requests/.

`cells` applies the patches, `proof` tests them, `forgotten` leaves out each place in turn, `carry` brings the patches to a
changed stage, `report` writes the figures, the tables and the picture.
"""
