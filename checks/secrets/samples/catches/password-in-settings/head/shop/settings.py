import os

DATABASE = os.environ["DATABASE_URL"]
MAIL_PASSWORD = "vT7#queL-92z"
