"""extruct as a crawler of the shop: prints what it finds on a page as JSON."""

import json
import os
import urllib.request

import extruct

url = os.environ["PAGE"]
with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30) as answer:
    page = answer.read().decode()
found = extruct.extract(page, base_url=url, syntaxes=["opengraph", "json-ld"], errors="strict")
print(json.dumps({
    "opengraph": [dict(one["properties"]) for one in found["opengraph"]],
    "json-ld": found["json-ld"],
}))
