"""PyPI `weibopy`: token in the header, parameters of a POST in the query over an empty body, booleans as words."""

import json

import weibopy
from town import BASE, BUYER, CALLBACK, KEY, SECRET, SHOP, allows, refused, says, will


class Here(weibopy.WeiboOauth2):
    site_url = mobile_url = BASE + "oauth2/"


class Client(weibopy.WeiboClient):
    base = BASE + "2/"


def signs_in(**asked):
    oauth = Here(KEY, SECRET, CALLBACK, **asked)
    back = allows(oauth.authorize_url)
    assert back.get("state") == asked.get("state")
    return oauth, oauth.auth_access(back["code"])


def refuses(code, call, *args, **kwargs):
    """It reads an error only out of an answer with the status 200, as Weibo sometimes gives."""
    refused(weibopy.WeiboRequestError, call, *args, **kwargs)
    will(error_as200="once")
    error = refused((weibopy.WeiboAPIError, weibopy.WeiboOauth2Error), call, *args, **kwargs)
    assert error.error_code == code, error


# Signing in, with each parameter that it can send.
oauth, token = signs_in(
    state="s&1 +", scope="email,follow_app_official_microblog", display="mobile", forcelogin=True, language="en"
)
assert (token["uid"], token["expires_in"]) == (BUYER, 2592000), token
told = oauth.get_token_info(token["access_token"])
assert (told["uid"], told["appkey"]) == (int(BUYER), KEY), told
assert "follow_app_official_microblog" in told["scope"]
refuses(21325, oauth.auth_access, "guessed")
refuses(21332, oauth.get_token_info, "guessed")

# The API with the token in the header.
peer = Client(token["access_token"])
assert peer.get("users/show.json", params={"uid": BUYER})["screen_name"] == "阿梨的茶桌"
assert peer.get("account/get_uid.json")["uid"] == int(BUYER)
text = "a b+c%20d & é=茶🍵 http://127.0.0.1/p/cup"
said = peer.post("statuses/share.json", params={"status": text, "rip": "127.0.0.1"})
assert said["text"] == text, said
card = says("第二炉也出来了")
said = peer.post("statuses/repost.json", params={"id": card, "is_comment": 0, "rip": "127.0.0.1"})
assert (said["text"], said["retweeted_status"]["id"]) == ("转发微博", card), said
said = peer.post("statuses/repost.json", data={"id": card, "status": "正文里", "rip": "127.0.0.1"})
assert said["text"] == "正文里", said
refuses(10016, peer.get, "users/show.json")
refuses(10008, peer.get, "users/show.json", params={"uid": SHOP, "screen_name": "山间小铺"})
refuses(20019, peer.post, "statuses/share.json", params={"status": text, "rip": "127.0.0.1"})
will(not_permitted="until_off")
refuses(10014, peer.post, "statuses/share.json", params={"status": "x " + text, "rip": "127.0.0.1"})
will(not_permitted="off")

# A second login replaces the token of the first; revoked, the second is good no more.
_, second = signs_in()
refuses(21315, peer.get, "account/get_uid.json")
assert oauth.revoke_auth_access(second["access_token"]) is True
refuses(21316, oauth.get_token_info, second["access_token"])
