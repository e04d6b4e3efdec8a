"""Read the statements that providers send each month: one command, one table of lines."""

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
        return [(charge.get("id"), Decimal(charge.findtext("fee"))) for charge in charges]
    if provider == "banka":
        return [(charge["no"], Decimal(charge["cents"]) / 100) for charge in json.load(file)]
    raise ValueError(provider)
