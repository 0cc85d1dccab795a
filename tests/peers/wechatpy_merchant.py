"""PyPI `wechatpy` as a merchant of the fans service: it checks, reads, and renders words and cards, under Python's own
server."""

import os
import sys
import types
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server

# It asks for a cipher as soon as it is imported. The fans service ciphers nothing (fans-service.md §4).
sys.modules["Crypto"] = types.ModuleType("Crypto")
sys.modules["Crypto.Cipher"] = types.ModuleType("Crypto.Cipher")
sys.modules["Crypto.Cipher"].AES = None

from wechatpy import create_reply, parse_message
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

CARD = {
    "title": "春茶 & <茶具>",
    "description": "明前龙井 50g",
    "image": "https://shop.example/tea.jpg?a=1&b=2",
    "url": "https://shop.example/p/1",
}


def answer(environ, start):
    said = dict(parse_qsl(environ["QUERY_STRING"]))
    try:
        check_signature(os.environ["SECRET"], said["signature"], said["timestamp"], said["nonce"])
    except InvalidSignatureException:
        start("403 Forbidden", [])
        return [b""]
    if environ["REQUEST_METHOD"] == "GET":
        start("200 OK", [])
        return [said["echostr"].encode()]
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
    message = parse_message(body)
    words = f"{message.source} 说：{message.content}"
    reply = create_reply([CARD, CARD] if message.content == "卡片" else words, message)
    start("200 OK", [("Content-Type", "application/xml; charset=utf-8")])
    return [reply.render().encode()]


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


server = make_server("127.0.0.1", 0, answer, handler_class=Quiet)
print(server.server_port)
sys.stdout.flush()
server.serve_forever()
