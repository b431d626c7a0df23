import logging

from fastapi import Depends
from flask import abort
from flask_login import login_required
from rest_framework.permissions import IsAdminUser, IsAuthenticated
from shop.access import admin_required, current_user, require_role

log = logging.getLogger(__name__)


@login_required
def account(user):
    return user.account


@login_required
def invoices(user):
    return user.invoices


async def orders(user=Depends(current_user)):
    return user.orders


async def items(query, user=Depends(current_user)):
    return query


def refund(user, order):
    if not user.is_admin:
        abort(403)
    return order.refund()


def cancel(user, order):
    if not user.is_admin:
        abort(403)
    return order.cancel()


class Users:
    permission_classes = [IsAdminUser]


class Reports:
    permission_classes = [IsAuthenticated]


def charge(card, amount):
    card.charge(amount)
    return amount


def notify(card, amount):
    card.notify(amount)
    return amount


def sync(client):
    client.sync()
