import ftplib
import ssl
import urllib.request

import httpx
import paramiko
import requests


def verification(url, session, bundle):
    # catches: py-tls-verification-off
    requests.get(url, verify=False, timeout=5)
    # catches: py-tls-verification-off
    session.post(url, json={}, verify=False)
    # catches: py-tls-verification-off
    context = ssl._create_unverified_context()
    # catches: py-tls-verification-off
    context.check_hostname = False
    # catches: py-tls-verification-off
    context.verify_mode = ssl.CERT_NONE
    # passes: py-tls-verification-off
    requests.get(url, verify=bundle, timeout=5)
    # passes: py-tls-verification-off
    return httpx.Client(verify=True)


def protocols():
    # catches: py-tls-old-protocol
    first = ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    # passes: py-tls-old-protocol
    second = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # passes: py-tls-old-protocol
    second.minimum_version = ssl.TLSVersion.TLSv1_2
    return first, second


def hosts(client):
    # catches: py-ssh-host-key-unchecked
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    # passes: py-ssh-host-key-unchecked
    client.set_missing_host_key_policy(paramiko.RejectPolicy())


def timeouts(url, options):
    # catches: py-request-without-timeout
    requests.get(url, headers={})
    # catches: py-request-without-timeout
    urllib.request.urlopen(url)
    # passes: py-request-without-timeout
    requests.get(url, timeout=5)
    # passes: py-request-without-timeout
    requests.post(url, **options)
    # passes: py-request-without-timeout
    urllib.request.urlopen(url, timeout=5)
    # passes: py-request-without-timeout
    httpx.get(url)


def clear(host):
    # catches: py-cleartext-protocol
    first = ftplib.FTP(host)
    # passes: py-cleartext-protocol
    return first, ftplib.FTP_TLS(host)


def listens(app, sock):
    # catches: py-listens-everywhere
    app.run(host="0.0.0.0", port=80)
    # catches: py-listens-everywhere
    sock.bind(("0.0.0.0", 80))
    # passes: py-listens-everywhere
    sock.bind(("127.0.0.1", 80))
