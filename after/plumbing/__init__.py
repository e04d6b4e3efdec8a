"""What every web service needs and no business rule lives in.

Nothing here knows what an event or a client is. Trust it; you do not have to read it to follow the workshop.
"""
