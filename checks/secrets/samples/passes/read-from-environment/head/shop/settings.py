import os

DATABASE = os.environ["DATABASE_URL"]
MAIL_PASSWORD = os.environ["MAIL_PASSWORD"]
TOKEN_URL = "https://auth.example.com/token"
