# 资金：退款、待退款项、存疑的通知。

tab-money-overview = 概览
tab-money-refunds = 退款
tab-money-notices = 存疑通知
tab-money-reconciliations = 对账
tab-money-checks = 检查

# 侧栏
rail-money = 资金
rail-money-waiting = 件资金事项待处理
money = 资金

# 退款页
refund = 退款
refund-to-order = 返回订单
refund-refused = 还没有退款
refund-sure = 确认退款
refund-of = 将原路退回买家的微博支付账户（这一单还能退 ¥{ $left }）
refund-sure-why = 提交后马上发给微博支付，不能撤回。
refund-pieces = 退哪些商品
refund-no-pieces = 只退钱，不涉及商品
refund-shelf = 放回库存
refund-shelf-none = 不放回库存
refund-shelf-some = 退款到账后 { $pieces } 件放回库存
refund-then-left = 退后还能退
refund-now = 退款 ¥{ $amount }
refund-change = 返回修改
refund-none = 没有可以退的钱
refund-none-why = 这一单没有收到钱，或者钱已经全部退回、正在退回。
refund-paid = 买家付款
refund-gone = 已退和正在退
refund-left = 还能退
refund-late-why = 这一单关闭后才收到钱，商品早已放回库存，只退钱就好。
word-give-everything = 全部退回
word-give-pieces = 按商品退
word-give-amount = 退一部分钱
refund-restock-all = 商品放回库存
refund-line-paid = 实付
refund-how-many = 退几件
refund-line-gone = 已全部退过
refund-restock = 放回库存
refund-freight = 连运费一起退 ¥{ $freight }
field-way = 怎么退
field-amount = 退款金额（元）
field-refund_reason = 退款原因
refund-reason-hint = 买家在微博支付里能看到，最多 100 个字。
refund-check = 下一步：核对金额
wrong-refund-way = 请选择怎么退
wrong-refund-amount = 请填写大于 0 的金额，最多两位小数，例如 12.80
wrong-refund-nothing = 请填写退哪些商品，各退几件
wrong-refund-zero = 没有可退的钱了，或者这样退的金额是零。
wrong-refund-left = 超过了还能退的 ¥{ $left }
wrong-refund-pieces = 最多还能退 { $left } 件
refused-refund-changed = 刚刚有别的退款，现在这样退是 ¥{ $now }。请核对后再确认。
refused-refund-other = 这张表单已经退过另一笔款。如果还要再退这一笔，请核对后重新确认。
refused-refund-left = 剩下的钱或商品不够退这一笔了：可能已经用别的退款退过。
refused-not-failed = 这笔退款不是失败的，或者已经有人处理过。
refused-nothing-owed = 这笔钱已经退回或正在退回。
said-refund-begun = 退款已提交，正在发给微博支付。
said-refund-again = 已用原来的退款单号重新提交。
said-refund-aside = 已标为处理过，不再提醒。
said-notice-seen = 已标为看过。

# 退款的状态
word-refund-begun = 待提交
word-refund-unknown = 等待微博确认
word-refund-accepted = 微博处理中
word-refund-succeeded = 已到账
word-refund-failed = 失败
refund-number = 退款单号
refund-weibo-says = 微博说
refund-retry = 重新提交
refund-anew = 再退一次
refund-aside = 不再提醒
refund-aside-sure = 钱还在店里，没有退给买家。已经用别的办法退了，或者不退了，就不再提醒；以后仍可在订单里重新提交。
refund-aside-now = 标为处理过
refund-send-back = 退回去
refund-send-back-sure = ¥{ $amount } 会原路退回买家的微博支付账户，不能撤回。
refund-send-back-now = 退回 ¥{ $amount }
refund-decided = 发起
refund-ended = 结束
orders-late-going = 订单关闭后才收到 ¥{ $amount }，商品已经没有了，或优惠券已不能再用，订单没能重新打开。钱已退回或正在退回，见下面的退款。
word-owed-surplus = 买家多付了 ¥{ $amount }，还没有退。超过自动退款上限，或者退款失败，由您决定。
word-owed-late = 订单关闭后才收到 ¥{ $amount }，商品已经没有了，或优惠券已不能再用，订单没能重新打开，还没有退。超过自动退款上限，或者退款失败，由您决定。

# 资金概览
to-refund-none = 没有要退的
refunds-failed = 退款失败
refunds-failed-some = 钱还在店里，看看怎么办
refunds-failed-none = 没有失败的退款
refunds-failed-why = 微博没有退成，钱还在店里。微博没有受理的可以用原单号重新提交，不会退两次；微博受理后失败的，要另退一次。
refunds-under-way = 退款中
refunds-under-way-why = 每隔一会儿自动查询
refunds-none = 还没有退款
refunds-none-why = 在订单页点“退款”，就会出现在这里。
money-calm = 没有需要您处理的钱
money-calm-why = 多付和迟到的钱、失败的退款、对不上的通知，都会出现在这里。
money-calm-step = 看看所有退款
money-why = 缘由
money-since = 时间
money-do = 处理
notices-some = 请核对
notices-none-short = 都对得上
notices-none = 没有存疑的通知
notices-none-why = 微博发来、签名是真的，但内容对不上的通知会列在这里。它们不会入账。
notices-why = 这些消息确实来自微博，但内容和我们要求的对不上，所以没有入账，也没有回答 success。请到微博支付商户后台核对，看过后标记。
notices-when = 收到
notices-how = 来源
notices-by-itself = 微博主动通知
notices-asked = 我们查询时的回答
notices-times = 次数
notices-body = 消息原文（含买家的微博 UID）
notices-seen = 看过了
notices-more = 只列出最近 50 条，标记之后会显示其余的。
word-mismatch-not-ours = 别的商户或应用的付款
word-mismatch-no-attempt = 没有这个付款单号
word-mismatch-amount = 金额不符
word-mismatch-order = 付款单号属于另一笔订单
word-mismatch-no-refund = 没有这个退款单号
word-mismatch-payment = 退款属于另一笔付款
word-mismatch-too-much = 退回的会多于付的
word-mismatch-malformed = 内容缺失或看不懂
word-mismatch-advice-not-ours = 看看设置里的商户 UID 和 App Key 对不对。
word-mismatch-advice-no-attempt = 可能来自另一个系统：同一商户号是不是还用在别处？
word-mismatch-advice-amount = 买家付的和我们要收的不一样。在商户后台按交易号核对，需要时在那里退款。
word-mismatch-advice-order = 同一笔付款出现在两笔订单里，请在商户后台核对。
word-mismatch-advice-no-refund = 可能是在商户后台直接退的款，请核对。
word-mismatch-advice-payment = 请在商户后台核对这笔退款退的是哪笔付款。
word-mismatch-advice-too-much = 请在商户后台核对这笔付款一共退了多少。
word-mismatch-advice-malformed = 请看消息原文，必要时把它发给微博支付的客服。
refused-notices-see = 去看看

# 经营数据
word-given-back = 退款
chart-told-refunded = 退款 ¥{ $refunded }。

# 买家看到的
state-refunding = 正在退款
state-refunded = 已退款
state-late-gone = 订单关闭后才收到付款，订单没能重新打开。
money-refunding = ¥{ $amount } 正在原路退回您的微博支付账户，到账时间以微博支付为准。
money-refunded = ¥{ $amount } 已退回您的微博支付账户。
money-surplus-going = 多付的 ¥{ $amount } 正在原路退回您的微博支付账户。
money-surplus-back = 多付的 ¥{ $amount } 已退回您的微博支付账户。
money-back-short = 退款 ¥{ $amount }
word-refunding = 退款中
word-refunded = 已退款
word-partly_refunded = 部分退款

# 操作记录
word-refund-order = 退款
word-retry-refund = 重新提交退款
word-put-refund-aside = 退款标为处理过
word-send-back = 退回多付或迟到的钱
word-see-to-notice = 看过存疑的通知
word-subject-notice = 通知
field-refund = 退款单号
field-pieces = 件数
field-restocked = 放回库存
field-seen = 看过
orders-event-elsewhere = 之前失败的退款最终到账；其中 { $pieces } 件已随另一笔退款退回，件数只算一次，钱是另外退的
