"""The parts that every web service needs, without business rules.

No module here knows events or clients. Trust these modules; you need not read them to follow the workshop.
"""
