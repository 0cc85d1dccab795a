# A buyer and the shop: asked to follow after a purchase, and what the back office knows of her

follow-title = Follow us on Weibo
follow-why = New goods are announced there first. Your order does not depend on it.
follow-now = To our page
follow-not-now = No, thanks

relations-title = She and the shop
relations-earlier = { $count } more before that
word-relation-follow = Followed the shop
word-relation-unfollow = Follows no more
word-relation-subscribe = Subscribed to messages
word-relation-unsubscribe = Unsubscribed from messages
word-relation-repost = Reposted
word-relation-like = Liked
word-relation-review = Reviewed
word-relation-purchase = Bought
