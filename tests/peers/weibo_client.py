"""PyPI `weibo`: token in the query, parameters in the form, blanks as `+`, errors raised from JSON of any status."""


import weibo
from town import BASE, BUYER, CALLBACK, KEY, SECRET, SHOP, allows, refused, says, will


def client(secret=SECRET):
    made = weibo.Client(KEY, secret, CALLBACK)
    made.authorization_url = BASE + "oauth2/authorize"
    made.token_url = BASE + "oauth2/access_token"
    made.api_url = BASE + "2/"
    return made


def code_of(error):
    return str(error).split(" ")[0]


# Signing in: the code is good once, and only with the right secret.
peer = client()
back = allows(peer.authorize_url)
peer.set_code(back["code"])
assert (peer.uid, peer.alive) == (BUYER, True)
assert code_of(refused(RuntimeError, client().set_code, back["code"])) == "21325"
again = allows(peer.authorize_url)["code"]
assert code_of(refused(RuntimeError, client("wrong").set_code, again)) == "21324"
assert allows(peer.authorize_url, "refuse")["error_code"] == "21330"

# Who she is, and who the shop is.
me = peer.get("users/show", uid=peer.uid)
assert (me["id"], me["screen_name"], me["gender"]) == (int(BUYER), "阿梨的茶桌", "f"), me
assert peer.get("account/get_uid")["uid"] == int(BUYER)
assert peer.get("users/show", screen_name="山间小铺")["idstr"] == SHOP
assert code_of(refused(RuntimeError, peer.get, "users/show")) == "10016"
assert code_of(refused(RuntimeError, peer.get, "users/show", uid="1")) == "20003"

# Sharing and reposting, with everything in the text that an encoding can spoil.
text = "a b+c%20d & é=茶🍵 http://127.0.0.1/p/mug"
assert peer.post("statuses/share", status=text, rip="127.0.0.1")["text"] == text
assert code_of(refused(RuntimeError, peer.post, "statuses/share", status=text, rip="127.0.0.1")) == "20019"
assert code_of(refused(RuntimeError, peer.post, "statuses/share", status="茶", rip="127.0.0.1")) == "10017"
card = says("第一炉五仁出来了")
said = peer.post("statuses/repost", id=card, status="好 + 吃", rip="127.0.0.1")
assert (said["text"], said["retweeted_status"]["id"], said["user"]["idstr"]) == ("好 + 吃", card, BUYER), said
assert code_of(refused(RuntimeError, peer.post, "statuses/repost", id=card, status="好")) == "10016"
assert code_of(refused(RuntimeError, peer.post, "statuses/repost", id=1, status="好", rip="127.0.0.1")) == "20101"

# What a token and an application may not.
assert code_of(refused(RuntimeError, peer.get, "no/such")) == "10020"
assert code_of(refused(RuntimeError, peer.get, "statuses/repost")) == "10021"
for fault, code in [
    ("token_expired", "21327"), ("not_permitted", "10014"), ("ip_over_limit", "10022"),
    ("over_limit", "10023"), ("api_over_limit", "10024"),
]:
    will(**{fault: "once"})
    assert code_of(refused(RuntimeError, peer.get, "users/show", uid=BUYER)) == code, fault
peer.session.params = {"access_token": "2.00nobody"}
assert code_of(refused(RuntimeError, peer.get, "users/show", uid=BUYER)) == "21332"
