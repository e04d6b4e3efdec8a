"""The tables, and the repositories that stand between them and the use cases.

Where does a new query go? One that a use case decides by is a method of a port, and of its repository here. One that only
shows rows to somebody needs neither: the API's lists, the admin and the metrics ask the tables themselves.
"""
