"""Reads what providers send at the end of a month. One command, one table of lines."""

import csv
import json
from decimal import Decimal
from xml.etree import ElementTree


def read_statement(provider, file):
    if provider == "nordpay":
        rows = csv.DictReader(file, delimiter=";")
        return [(row["ref"], Decimal(row["fee"].replace(",", "."))) for row in rows]
    if provider == "cardly":
        charges = ElementTree.parse(file).iter("charge")
        return [(one.get("id"), Decimal(one.findtext("fee"))) for one in charges]
    if provider == "banka":
        return [(one["no"], Decimal(one["cents"]) / 100) for one in json.load(file)]
    raise ValueError(provider)
