"""PyPI `weibo` at the fans service: the token in the query, forms with `+` for blanks, and its own view of errors."""

import json
import os
import time

import weibo
from town import BASE, CALLBACK, KEY, SECRET, SHOP, fan, refused

FAN, STRANGER = "7000000002", "7000000003"

peer = weibo.Client(KEY, SECRET, CALLBACK)
peer.api_url = BASE + "2/"
peer.set_token({"uid": SHOP, "access_token": os.environ["FANS_TOKEN"], "expires_at": time.time() + 60})


def says(fan, **data):
    kind = "articles" if "articles" in data else "text"
    return peer.post("messages/reply", type=kind, data=json.dumps(data, ensure_ascii=False), receiver_id=fan)


# A reply: encoded once, with everything in the text that an encoding can spoil; and none to who did nothing.
says(FAN, text="你好 A+B & 100%")
card = {"display_name": "春茶", "summary": "", "image": "https://shop.example/1.jpg", "url": "https://shop.example/p/1"}
says(FAN, articles=[card])
refused(RuntimeError, says, STRANGER, text="你好")
refused(RuntimeError, says, FAN, text="长" * 300)
refused(RuntimeError, says, FAN, articles=[card] * 9)
refused(RuntimeError, says, FAN, articles=[{**card, "url": "shop.example/p/1"}])

# Groups. Their `ok` names a code 0, which this client takes for an error: it is told, and it is a success.
made = peer.post("messages/custom_rule/create", name="茶友")["group"]["id"]
for call, fields in [
    ("update", {"id": made, "name": "老茶友"}),
    ("member/update", {"follower_id": FAN, "to_groupid": made}),
]:
    assert str(refused(RuntimeError, peer.post, "messages/custom_rule/" + call, **fields)) == "0 ok", call
assert peer.post("messages/custom_rule/getid", follower_id=FAN)["groupid"] == made
group = [one for one in peer.get("messages/custom_rule/get")["groups"] if one["id"] == made][0]
assert (group["name"], group["count"]) == ("老茶友", 1), group
assert str(refused(RuntimeError, peer.post, "messages/custom_rule/delete", id=made)) == "0 ok"

# The menu, with its wrapper.
menu = {"button": [
    {"type": "click", "name": "新品", "key": "NEW"},
    {"name": "我的", "sub_button": [{"type": "view", "name": "订单", "url": "https://shop.example/orders?a=b+c"}]},
]}
assert peer.post("messages/menu/create", menus=json.dumps(menu))["result"] is True
assert peer.get("messages/menu/show")["menu"] == menu
refused(RuntimeError, peer.post, "messages/menu/create", menus=json.dumps({"button": []}))

# Who she is, as long as she follows; and no word to who has left.
assert peer.get("eps/user/info", uid=FAN)["nickname"] == "阿梨的茶桌"
fan(did="unfollowed")
assert peer.get("eps/user/info", uid=FAN) == {"follow": "0"}
refused(RuntimeError, says, FAN, text="你好")

# Another's token may do none of it.
peer.session.params = {"access_token": "2.00nobody"}
refused(RuntimeError, says, FAN, text="你好")
