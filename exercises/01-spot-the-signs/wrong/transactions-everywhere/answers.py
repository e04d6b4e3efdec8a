"""Your answers: give each place one of the words. Change your answers as often as you like."""

# An early sign is not a mistake: the code works, but each change of the same kind will cost more than the one before.
ASKS_FOR_A_NAME = "asks for a name"  # a name from outside chooses the branch, here and elsewhere; more names will come
CANNOT_BE_ASKED = "cannot be asked"  # a rule that cannot answer without a clock, rows or a network
DOES_MORE = "does more"  # its name says one thing, and a call does something else too
MODEL_IS_THE_API = "model is the api"  # people outside the company see every field of the model
HALF_DONE = "half done"  # if the process ends between two lines, two sides disagree
TWICE_DECIDED = "twice decided"  # two places contain the same rule, and one day they will differ
INNOCENT = "innocent"  # it may look like one of these signs, but it will cost nothing: leave it alone

PLACE_1 = CANNOT_BE_ASKED  # shop/models.py, Voucher.discount
PLACE_2 = INNOCENT  # shop/models.py, Order.can_be_cancelled
PLACE_3 = DOES_MORE  # shop/models.py, Order.save
PLACE_4 = ASKS_FOR_A_NAME  # shop/shipping.py, cost
PLACE_5 = HALF_DONE  # shop/views.py, pay
PLACE_6 = HALF_DONE  # shop/views.py, show_order
PLACE_7 = HALF_DONE  # shop/views.py, AddressForm
PLACE_8 = INNOCENT  # shop/views.py, packing_list
