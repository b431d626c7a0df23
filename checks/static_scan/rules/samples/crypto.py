import hashlib
import hmac
import random
import secrets

import jwt
from Crypto.Cipher import AES, DES
from cryptography.hazmat.primitives.asymmetric import rsa


def weak(password, content, secret):
    # catches: py-weak-hash
    first = hashlib.md5(password.encode()).hexdigest()
    # catches: py-weak-hash
    second = hashlib.sha1(secret + content)
    # passes: py-weak-hash
    third = hashlib.md5(content).hexdigest()
    # passes: py-weak-hash
    fourth = hashlib.md5(secret, usedforsecurity=False)
    return first, second, third, fourth


def passwords(password, salt, body):
    # catches: py-fast-hash-of-password
    first = hashlib.sha256(password.encode()).hexdigest()
    # passes: py-fast-hash-of-password
    second = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
    # passes: py-fast-hash-of-password
    return first, second, hashlib.sha256(body).hexdigest()


def ciphers(key, nonce):
    # catches: py-weak-cipher
    first = DES.new(key, DES.MODE_CBC)
    # catches: py-weak-cipher
    second = AES.new(key, AES.MODE_ECB)
    # passes: py-weak-cipher
    return first, second, AES.new(key, AES.MODE_GCM, nonce=nonce)


def keys():
    # catches: py-small-key
    first = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    # passes: py-small-key
    return first, rsa.generate_private_key(public_exponent=65537, key_size=3072)


def tokens(alphabet, rows):
    # catches: py-random-for-secret
    reset_token = "".join(random.choice(alphabet) for _ in range(20))
    # passes: py-random-for-secret
    session_id = secrets.token_hex(16)
    # passes: py-random-for-secret
    row = random.choice(rows)
    return reset_token, session_id, row


def make_password(alphabet):
    # catches: py-random-for-secret
    return "".join(random.choices(alphabet, k=12))


def shuffle_tokens(words):
    # passes: py-random-for-secret
    sampled_tokens = random.sample(words, 5)
    return sampled_tokens


def signatures(key, body, given):
    # catches: py-digest-compared-plainly
    first = hmac.new(key, body, "sha256").hexdigest() == given
    # passes: py-digest-compared-plainly
    return first or hmac.compare_digest(hmac.new(key, body, "sha256").hexdigest(), given)


def web_tokens(text, key):
    # catches: py-jwt-unverified
    first = jwt.decode(text, options={"verify_signature": False})
    # passes: py-jwt-unverified
    return first, jwt.decode(text, key, algorithms=["HS256"])


def begins(AES, modes, key, text):
    # catches: py-constant-iv
    first = AES.new(key, AES.MODE_CBC, b"0123456789abcdef")
    # passes: py-constant-iv
    second = AES.new(key, AES.MODE_CBC, os.urandom(16))
    # catches: py-constant-iv
    third = modes.CBC(b"0123456789abcdef")
    return first, second, third


def rounds(password, salt):
    # catches: py-few-iterations
    first = hashlib.pbkdf2_hmac("sha256", password, salt, 1000)
    # passes: py-few-iterations
    second = hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
    # catches: py-constant-salt
    third = hashlib.pbkdf2_hmac("sha256", password, b"pepper", 600_000)
    # passes: py-constant-salt
    fourth = hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
    return first, second, third, fourth
