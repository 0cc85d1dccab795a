"""PyPI `WeRoBot` as a merchant of the fans service: a whole bot under Python's own server, the app's secret as the
token."""

import os
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from werobot import WeRoBot
from werobot.replies import Article, ArticlesReply

robot = WeRoBot(token=os.environ["SECRET"])
robot.config["SESSION_STORAGE"] = False
# It warns of each message that it leaves unanswered.
robot.logger.setLevel("ERROR")


@robot.text
def hears_words(message):
    if message.content in ("卡片", "八张卡片"):
        reply = ArticlesReply(message=message)
        for number in range(1 if message.content == "卡片" else 8):
            reply.add_article(
                Article(
                    title=f"春茶 & 茶具 {number}",
                    description="明前龙井 50g",
                    img="https://shop.example/img/tea.jpg",
                    url=f"https://shop.example/h5/item?id={number}&from=chat",
                )
            )
        return reply
    if message.content == "不用回":
        return None
    if message.content.startswith("数一数"):
        return f"{len(message.content)} 个字"
    return f"{message.source} 说：{message.content}"


@robot.image
def sees_a_picture(message):
    return f"图片 {message.MediaId} {message.img or '无'}"


@robot.voice
def hears_a_voice(message):
    return f"语音 {message.media_id} {message.format}"


@robot.location
def learns_a_place(message):
    return f"位置 {message.location}"


@robot.subscribe
def is_subscribed(message):
    return f"订阅 {message.key or '无'}"


@robot.unsubscribe
def is_left(message):
    return "取消"


@robot.scan
def is_scanned(message):
    return f"扫码 {message.key} {message.ticket}"


@robot.click
def is_clicked(message):
    return f"点击 {message.key}"


@robot.view
def is_viewed(message):
    return f"打开 {message.key}"


@robot.handler
def wonders(message):
    return f"不认识 {message.type}" if message.type.endswith("_event") else None


class Quiet(WSGIRequestHandler):
    def log_message(self, *words):
        pass


server = make_server("127.0.0.1", 0, robot.wsgi, handler_class=Quiet)
print(server.server_port)
sys.stdout.flush()
server.serve_forever()
