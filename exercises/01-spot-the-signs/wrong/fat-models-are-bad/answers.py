"""Your answers: behind each place, one of the words. You may change your mind as often as you like."""

# An early sign is not a mistake: it works, and it will cost you more with every change of the same kind.
ASKS_FOR_A_NAME = "asks for a name"  # a name from outside picks the branch, here and elsewhere; more names will come
CANNOT_BE_ASKED = "cannot be asked"  # a rule that gives no answer without a clock, rows or a network
DOES_MORE = "does more"  # its name says one thing, and whoever calls it gets another as well
MODEL_IS_THE_API = "model is the api"  # people outside of the house get whatever the model happens to have
HALF_DONE = "half done"  # if the process ends between two lines, two sides believe different things
TWICE_DECIDED = "twice decided"  # the same rule stands in two places, and one day they will differ
INNOCENT = "innocent"  # it may look like one of the above, and it will not hurt: leave it alone

PLACE_1 = DOES_MORE  # shop/models.py, Voucher.discount
PLACE_2 = DOES_MORE  # shop/models.py, Order.can_be_cancelled
PLACE_3 = DOES_MORE  # shop/models.py, Order.save
PLACE_4 = ASKS_FOR_A_NAME  # shop/shipping.py, cost
PLACE_5 = HALF_DONE  # shop/views.py, pay
PLACE_6 = MODEL_IS_THE_API  # shop/views.py, show_order
PLACE_7 = INNOCENT  # shop/views.py, AddressForm
PLACE_8 = INNOCENT  # shop/views.py, packing_list
