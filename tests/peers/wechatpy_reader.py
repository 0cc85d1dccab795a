"""PyPI `wechatpy` reads the XML that Weibo pushes and the XML that the shop answers, and tells what it read."""

import json
import sys
import types

# It asks for a cipher as soon as it is imported. The fans service ciphers nothing (fans-service.md §4).
sys.modules["Crypto"] = types.ModuleType("Crypto")
sys.modules["Crypto.Cipher"] = types.ModuleType("Crypto.Cipher")
sys.modules["Crypto.Cipher"].AES = None

from urllib.parse import parse_qs

from wechatpy import parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.replies import deserialize_reply
from wechatpy.utils import check_signature


def read_packet(packet):
    said = {name: values[0] for name, values in parse_qs(packet["query"]).items()}
    check_signature(given["secret"], said["signature"], said["timestamp"], said["nonce"])
    try:
        check_signature("another", said["signature"], said["timestamp"], said["nonce"])
        raise AssertionError("signed with any secret")
    except InvalidSignatureException:
        pass
    message = parse_message(packet["body"])
    told = {"type": message.type, "from": message.source, "to": message.target, "at": message.time}
    for name in ["event", "content", "media_id", "location", "key", "scene_id", "ticket", "url"]:
        value = getattr(message, name, None)
        if value not in (None, ""):
            told[name] = value
    return told


def read_reply(body):
    reply = deserialize_reply(body)
    told = {"type": reply.type, "from": reply.source, "to": reply.target, "at": reply.time}
    if reply.type == "text":
        told["content"] = reply.content
    else:
        told["articles"] = [dict(article) for article in reply.articles]
    return told


given = json.load(sys.stdin)
json.dump([[read_packet(one) for one in given["packets"]], [read_reply(one) for one in given["replies"]]], sys.stdout)
