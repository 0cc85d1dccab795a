"""PyPI `weibopy` at the fans service: the token in the header, the parameters of a POST in the query."""

import json
import os

import weibopy
from town import BASE, refused, will

FAN = "7000000002"


class Client(weibopy.WeiboClient):
    base = BASE + "2/"


peer = Client(os.environ["FANS_TOKEN"])


def says(text, once=json.dumps):
    fields = {"type": "text", "data": once({"text": text}), "receiver_id": FAN, "save_sender_box": 0}
    return peer.post("messages/reply.json", params=fields)


says("在 query 里 + & %")
menu = {"button": [{"type": "view", "name": "店铺", "url": "https://shop.example/"}]}
peer.post("messages/menu/create.json", params={"menus": json.dumps(menu)})
assert peer.get("messages/menu/show.json")["menu"] == menu
# Deleted by GET, as the Java SDK does it, and by POST.
peer.get("messages/menu/delete.json")
assert peer.get("messages/menu/show.json")["menu"] != menu
group = peer.post("messages/custom_rule/create.json", params={"name": "茶友"})["group"]
# Its `ok` names a code 0, which this client takes for an error: it is told, and it is a success.
told = {"follower_id": FAN, "to_groupid": group["id"]}
ok = refused(weibopy.WeiboAPIError, peer.post, "messages/custom_rule/member/update.json", params=told)
assert str(ok.error_code) == "0", ok
assert peer.post("messages/custom_rule/getid.json", params={"follower_id": FAN})["groupid"] == group["id"]
refused(weibopy.WeiboRequestError, says, "")
will(error_as200="once")
error = refused(weibopy.WeiboAPIError, peer.post, "messages/menu/create.json", params={"menus": "{}"})
assert str(error.error_code).startswith("264"), error
