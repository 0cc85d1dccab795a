"""The pretend Weibo under test, and somebody in front of its consent page."""

import os
from urllib.parse import parse_qs, urlsplit

import requests

BASE = os.environ["SANDBOX"]
KEY, SECRET = "1900000001", "test-only-app-secret-0001"
SHOP, BUYER = "7000000001", "7000000002"
CALLBACK = "http://127.0.0.1/oauth/weibo/callback"


def allows(consent, decision="allow"):
    """Opens the consent page and decides. Answers with what the application is led back with."""
    page = requests.get(consent, timeout=10)
    assert page.status_code == 200, page.text
    asked = {name: values[0] for name, values in parse_qs(urlsplit(consent).query).items()}
    form = asked | {"decision": decision, "account": BUYER}
    answer = requests.post(BASE + "oauth2/authorize", data=form, allow_redirects=False, timeout=10)
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def says(text):
    """The shop posts a status; its number."""
    answer = requests.post(BASE + "sandbox/api/statuses", json={"user": SHOP, "text": text}, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def will(**faults):
    """The pretend Weibo misbehaves."""
    answer = requests.post(BASE + "sandbox/api/faults", json=faults, timeout=10)
    assert answer.status_code == 200, answer.text


def refused(error, call, *args, **kwargs):
    """That the call is refused; what it raised."""
    try:
        answer = call(*args, **kwargs)
    except error as raised:
        return raised
    raise AssertionError(f"not refused: {answer}")


def fan(**does):
    """The buyer does something in front of the shop's account."""
    answer = requests.post(BASE + f"sandbox/api/fans/{BUYER}", json=does, timeout=10)
    assert answer.status_code == 200, answer.text
