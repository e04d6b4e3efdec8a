"""README's pictures, made by the tools that they show: a terminal, and two pages of the site in a browser."""
