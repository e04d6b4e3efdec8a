from tests.serving import server
from tests.web import _static_files_on_demand, api_client, api_of, make_client, operator, pointers

__all__ = ["_static_files_on_demand", "api_client", "api_of", "make_client", "operator", "pointers", "server"]
