# 微博框架里的小店
light-hello = { $name }，您好
light-why = 登录后，订单会记在您的微博名下。
light-sign-in = 微博登录
light-login = 在微博里登录
checkout-as = 以 @{ $name } 的身份下单
orders-of = @{ $name } 的订单
error-light-forged-title = 没能认出您
error-light-forged = 这个入口不是微博给的，或者在路上被改过。请回到微博重新打开，也可以直接登录。
error-light-stale-title = 入口已过期
error-light-stale = 这一页打开得太久了。请回到微博重新打开，也可以直接登录。
error-light-other-title = 没能认出您
error-light-other = 微博说这不是您的登录。请回到微博重新打开，也可以直接登录。
