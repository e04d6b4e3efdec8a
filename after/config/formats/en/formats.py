"""The admin's time format: the same as in the logs, so that times can be compared."""

DATETIME_FORMAT = "Y-m-d H:i:s"
DATE_FORMAT = "Y-m-d"
