"""The tables, and the repositories between them and the use cases.

Where does a new query go? If a use case needs it for a decision, it is a method of a port, and of its repository here.
If it only shows rows, it needs neither: the API's lists, the admin and the metrics query the tables themselves.
"""
