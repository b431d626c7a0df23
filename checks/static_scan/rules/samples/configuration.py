import logging
import os
import tempfile

import flask_cors
from django.views.decorators.csrf import csrf_exempt

log = logging.getLogger(__name__)

# catches: py-django-debug
DEBUG = True
INSTALLED_APPS = ["shop"]
# catches: py-any-host-allowed
ALLOWED_HOSTS = ["*"]
# catches: py-insecure-cookie
SESSION_COOKIE_SECURE = False


class Settings:
    # passes: py-any-host-allowed
    ALLOWED_HOSTS = ["shop.example.com"]
    # passes: py-insecure-cookie
    SESSION_COOKIE_SECURE = True
    # passes: py-django-debug
    DEBUG = os.environ.get("DEBUG") == "1"


def server(app):
    # catches: py-debug-server
    app.run(debug=True)
    # passes: py-debug-server
    app.run(port=8080)


def origins(app):
    # catches: py-cors-with-credentials
    flask_cors.CORS(app, origins="*", supports_credentials=True)
    # passes: py-cors-with-credentials
    flask_cors.CORS(app, origins="*")


# catches: py-csrf-check-off
@csrf_exempt
def transfer(request):
    return request.POST


# passes: py-csrf-check-off
def page(request):
    return request.GET


def cookies(response):
    # catches: py-insecure-cookie
    response.set_cookie("id", "1", httponly=False)
    # passes: py-insecure-cookie
    response.set_cookie("id", "1", secure=True, httponly=True)


def files(path):
    # catches: py-temporary-name
    name = tempfile.mktemp()
    # passes: py-temporary-name
    handle = tempfile.mkstemp()
    # catches: py-world-writable
    os.chmod(path, 0o777)
    # passes: py-world-writable
    os.chmod(path, 0o755)
    # catches: py-umask-open
    os.umask(0)
    # passes: py-umask-open
    os.umask(0o077)
    return name, handle


def bucket(s3, body):
    # catches: py-public-bucket
    s3.put_object(Bucket="b", Key="k", Body=body, ACL="public-read")
    # passes: py-public-bucket
    s3.put_object(Bucket="b", Key="k", Body=body, ACL="private")


def rights(user, items):
    # catches: py-assert-for-rights
    assert user.is_admin, "admins only"
    # passes: py-assert-for-rights
    assert items, "nothing to do"


def logs(user, password, api_key):
    # catches: py-secret-logged
    log.info("login of %s with %s", user, password)
    # catches: py-secret-logged
    print(f"key {api_key}")
    # passes: py-secret-logged
    log.info("login of %s", user)
    # passes: py-secret-logged
    print("password changed")
