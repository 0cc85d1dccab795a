# The shop in Weibo's frame
light-hello = Hello, { $name }
light-why = Sign in, and your orders are kept under your Weibo name.
light-sign-in = Sign in with Weibo
light-login = Sign in inside Weibo
checkout-as = Ordering as @{ $name }
orders-of = Orders of @{ $name }
error-light-forged-title = We could not tell who you are
error-light-forged = Weibo did not make this entry, or it was changed on the way. Open the shop from Weibo again, or sign in here.
error-light-stale-title = This entry has expired
error-light-stale = It was made too long ago. Open the shop from Weibo again, or sign in here.
error-light-other-title = We could not tell who you are
error-light-other = Weibo says that this sign-in is not yours. Open the shop from Weibo again, or sign in here.
