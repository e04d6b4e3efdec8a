from tests.web import _static_files_on_demand, admin_page, api_client, api_of, delivery, make_client, operator, pointers

__all__ = [
    "_static_files_on_demand",
    "admin_page",
    "api_client",
    "api_of",
    "delivery",
    "make_client",
    "operator",
    "pointers",
]
