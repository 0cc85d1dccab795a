# 确认收货
word-tab-received = 已收货
word-event-received = 确认收货
word-receive-order = 标记已收货
word-received-buyer = 买家确认
word-received-staff = 店员标记
word-received-shop = 到期自动确认
orders-received-at = 收货时间
orders-awaited = 自动确认收货
orders-awaited-refund = 退款处理完之后再算
orders-receive = 标记已收货
orders-receive-sure = 买家或快递已经告诉您收到了再标记。标记后不能撤回，快递信息也不能再改。
orders-receive-now = 确定，买家已收到
said-received = 已标记为已收货。
refused-received = 买家已经收货，快递信息不能再改了。
field-receive_days = 发货后自动确认收货（天）
hint-receive-days = 3 到 60 天。发货这么久以后，买家没有点确认也算已收货；有退款在处理时会等退款结束。改短只影响之后发的货，改长对路上的包裹也有效，适合春节等快递慢的时候。

# 买家看到的
state-received = 已收货
receipt-now = 确认收货
receipt-sure = 收到包裹、看过没有问题再点，点了就不能撤回。
receipt-by-itself = 没有确认的话，{ $at } 会自动确认收货。
receipt-soon = 已经发货很久了，很快会自动确认收货。
receipt-held = 有退款正在处理，处理完之前不会自动确认收货。
received-contact = 感谢惠顾！商品有任何问题或需要售后，随时找我们，联系方式在本页最下方。
received-weibo = 感谢惠顾！商品有任何问题或需要售后，随时在微博私信我们。
happened-received = 确认收货
happened-received-staff = 店家标记为已收货
happened-received-itself = 自动确认收货
error-receipt-sign-in-title = 这里不能确认收货
error-receipt-sign-in = 请用下单时的微博账号或浏览器打开订单，再确认收货。
error-receipt-not-sent-title = 还不能确认收货
error-receipt-not-sent = 这一单还没有发货。
error-receipt-refunded-title = 不用确认收货
error-receipt-refunded = 这一单的钱正在退回或已经退回。

# 私信
field-tell_received = 自动确认收货时
word-told-received = 已自动确认收货
