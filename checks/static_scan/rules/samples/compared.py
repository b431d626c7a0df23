import logging

from fastapi import Depends
from flask import abort
from flask_login import login_required
from rest_framework.permissions import AllowAny, IsAuthenticated
from shop.access import admin_required, current_user, require_role

log = logging.getLogger(__name__)


# catches: py-authorization-removed
def account(user):
    return user.account


@admin_required
# passes: py-authorization-removed
def invoices(user):
    return user.invoices


# catches: py-authorization-removed
async def orders(user=None):
    return user.orders


# passes: py-authorization-removed
async def items(query, limit=10, user=Depends(current_user)):
    return query[:limit]


# catches: py-authorization-removed
def refund(user, order):
    return order.refund()


# passes: py-authorization-removed
def cancel(user, order):
    check_admin_role(user)
    return order.cancel()


def check_admin_role(user):
    if not user.is_admin:
        abort(403)


# catches: py-authorization-removed
class Users:
    permission_classes = [AllowAny]


# passes: py-authorization-removed
class Reports:
    permission_classes = [IsAuthenticated]
    page = 10


def charge(card, amount):
    try:
        card.charge(amount)
    # catches: py-errors-newly-caught
    except Exception as error:
        log.warning("charge: %s", error)
    return amount


def notify(card, amount):
    try:
        card.notify(amount)
    # passes: py-errors-newly-caught
    except Exception as error:
        log.warning("notify: %s", error)
        raise
    return amount


def sync(client):
    try:
        client.sync()
    # passes: py-errors-newly-caught
    except ConnectionError as error:
        log.warning("sync: %s", error)
