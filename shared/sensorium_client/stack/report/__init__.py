"""A page about a log of real work orders, all of it from calls to the text service."""

from sensorium_client.stack.report._findings import Survey
from sensorium_client.stack.report._orders import OrdersMissingError, WorkOrder, nestor_orders
from sensorium_client.stack.report._page import page
from sensorium_client.stack.report._survey import survey

__all__ = ["OrdersMissingError", "Survey", "WorkOrder", "nestor_orders", "page", "survey"]
