from flask import Flask

from . import cart

app = Flask(__name__)


@app.get("/cart")
def show():
    return str(cart.total())
