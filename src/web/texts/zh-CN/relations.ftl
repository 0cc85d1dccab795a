# 买家与店铺的关系：购买后请她关注，后台看到的往来

follow-title = 关注我们的微博
follow-why = 上新和活动会先在那里说。不关注也不影响这笔订单。
follow-now = 去关注
follow-not-now = 不用了

relations-title = 与店铺的往来
relations-earlier = 更早还有 { $count } 条
word-relation-follow = 关注了店铺
word-relation-unfollow = 取消关注
word-relation-subscribe = 订阅了私信
word-relation-unsubscribe = 退订了私信
word-relation-repost = 转发
word-relation-like = 点赞
word-relation-review = 评价
word-relation-purchase = 购买
