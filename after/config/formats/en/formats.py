"""How the admin writes times: as the logs do, so that the two can be compared."""

DATETIME_FORMAT = "Y-m-d H:i:s"
DATE_FORMAT = "Y-m-d"
