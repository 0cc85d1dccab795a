# Money: refunds, what has to go back, messages that are not believed.

tab-money-overview = Overview
tab-money-refunds = Refunds
tab-money-notices = Doubted messages
tab-money-reconciliations = Reconciliation
tab-money-checks = Checks

# The rail
rail-money = Money
rail-money-waiting = things about money to look after
money = Money

# The page of a refund
refund = Refund
refund-to-order = Back to the order
refund-refused = Nothing was refunded
refund-sure = Confirm the refund
refund-of = will go back to the buyer's Weibo Pay account (of ¥{ $left } left on this order)
refund-sure-why = It is sent to Weibo Pay at once and cannot be taken back.
refund-pieces = For which goods
refund-no-pieces = Money only, no goods
refund-shelf = Back into stock
refund-shelf-none = Nothing goes back into stock
refund-shelf-some = { $pieces } piece(s) go back into stock when the money is back
refund-then-left = Left to refund afterwards
refund-now = Refund ¥{ $amount }
refund-change = Change it
refund-none = Nothing to refund
refund-none-why = This order brought no money, or all of it is back or on its way back.
refund-paid = The buyer paid
refund-gone = Back, or on its way
refund-left = Left to refund
refund-late-why = This money came after the order was closed: its goods are back in stock already, so only money goes back.
word-give-everything = All that is left
word-give-pieces = By goods
word-give-amount = An amount
refund-restock-all = Put the goods back into stock
refund-line-paid = Paid
refund-how-many = Pieces
refund-line-gone = All given back
refund-restock = Back into stock
refund-freight = Freight too, ¥{ $freight }
field-way = What goes back
field-amount = Amount (yuan)
field-refund_reason = Reason
refund-reason-hint = The buyer reads it in Weibo Pay; at most 100 characters.
refund-check = Next: check the amount
wrong-refund-way = Please choose what goes back
wrong-refund-amount = An amount above 0 with at most two decimals, such as 12.80
wrong-refund-nothing = Please say how many pieces of which goods
wrong-refund-zero = Nothing is left to refund, or this comes to nothing.
wrong-refund-left = More than the ¥{ $left } that is left
wrong-refund-pieces = At most { $left } left to give back
refused-refund-changed = Another refund was made just now: this comes to ¥{ $now }. Please check and confirm again.
refused-refund-other = This form has made another refund already. If this one is wanted as well, please check and confirm again.
refused-refund-left = Not enough money or pieces are left for this refund: another one may have taken them.
refused-not-failed = This refund did not fail, or somebody has seen to it.
refused-nothing-owed = This money is back or on its way back.
said-refund-begun = The refund is on its way to Weibo Pay.
said-refund-again = Sent again under the same refund number.
said-refund-aside = Marked as dealt with.
said-notice-seen = Marked as seen.

# How a refund stands
word-refund-begun = To be sent
word-refund-unknown = Waiting for Weibo's word
word-refund-accepted = Weibo is at it
word-refund-succeeded = Back
word-refund-failed = Failed
refund-number = Refund number
refund-weibo-says = Weibo says
refund-retry = Send again
refund-anew = Refund anew
refund-aside = Dismiss
refund-aside-sure = The money is still with the shop. If you have returned it another way, or will not, you are not reminded any more; it can be sent again from the order.
refund-aside-now = Mark as dealt with
refund-send-back = Send it back
refund-send-back-sure = ¥{ $amount } goes back to the buyer's Weibo Pay account. This cannot be taken back.
refund-send-back-now = Send back ¥{ $amount }
refund-decided = Decided
refund-ended = Ended
orders-late-going = ¥{ $amount } came after the order was closed, and it could not be opened again: its goods are gone, or its coupon cannot be used again. The money is back or on its way back: see the refunds below.
word-owed-surplus = The buyer paid ¥{ $amount } too much, and it has not gone back: it is above the limit for refunds by themselves, or the refund failed. It is for you to decide.
word-owed-late = ¥{ $amount } came after the order was closed, and it could not be opened again: its goods are gone, or its coupon cannot be used again. The money has not gone back: it is above the limit for refunds by themselves, or the refund failed. It is for you to decide.

# Money as a whole
to-refund-none = nothing to send back
refunds-failed = Refunds failed
refunds-failed-some = the money is with the shop
refunds-failed-none = none failed
refunds-failed-why = Weibo did not give the money back: it is still with the shop. What Weibo did not take is sent again under its number and never given back twice; what it took and failed needs a refund of its own.
refunds-under-way = Refunds under way
refunds-under-way-why = Weibo is asked by itself
refunds-none = No refunds yet
refunds-none-why = Press “Refund” on an order's page, and it stands here.
money-calm = No money waits for you
money-calm-why = Double and late payments, refunds that failed and messages that do not match stand here.
money-calm-step = See all refunds
money-why = Why
money-since = Since
money-do = What to do
notices-some = please compare
notices-none-short = all match
notices-none = No doubted messages
notices-none-why = Messages that Weibo signed and that do not match stand here. They are never settled.
notices-why = These messages are genuine but do not fit what we asked for, so nothing was settled and they were not answered success. Please compare with Weibo Pay's merchant console, then mark them.
notices-when = Received
notices-how = How
notices-by-itself = sent by Weibo
notices-asked = the answer to our question
notices-times = Times
notices-body = The message word for word (holds the buyer's Weibo UID)
notices-seen = Seen
notices-more = Only the latest 50 are listed; the others follow when these are marked.
word-mismatch-not-ours = Another seller's or application's payment
word-mismatch-no-attempt = No such payment number
word-mismatch-amount = Another amount
word-mismatch-order = The payment number belongs to another order
word-mismatch-no-refund = No such refund number
word-mismatch-payment = A refund of another payment
word-mismatch-too-much = More would be back than was paid
word-mismatch-malformed = Fields are missing or unreadable
word-mismatch-advice-not-ours = See whether seller UID and App Key are right in the settings.
word-mismatch-advice-no-attempt = It may come from another system: is the same seller account used elsewhere?
word-mismatch-advice-amount = What the buyer paid is not what we asked for. Compare by the transaction number in the merchant console, and refund it there if needed.
word-mismatch-advice-order = The same payment appears for two orders: please compare in the merchant console.
word-mismatch-advice-no-refund = It may have been refunded in the merchant console directly: please compare.
word-mismatch-advice-payment = Please see in the merchant console which payment this refund belongs to.
word-mismatch-advice-too-much = Please see in the merchant console how much of this payment went back.
word-mismatch-advice-malformed = Please read the message, and send it to Weibo Pay's support if needed.
refused-notices-see = See them

# Figures
word-given-back = Refunds
chart-told-refunded = Refunds: ¥{ $refunded }.

# What the buyer sees
state-refunding = Refund under way
state-refunded = Refunded
state-late-gone = The payment arrived after the order was closed, and the order could not be opened again.
money-refunding = ¥{ $amount } is on its way back to your Weibo Pay account; when it arrives is up to Weibo Pay.
money-refunded = ¥{ $amount } is back in your Weibo Pay account.
money-surplus-going = The ¥{ $amount } paid too much is on its way back to your Weibo Pay account.
money-surplus-back = The ¥{ $amount } paid too much is back in your Weibo Pay account.
money-back-short = refund ¥{ $amount }
word-refunding = Refund under way
word-refunded = Refunded
word-partly_refunded = Partly refunded

# The audit log
word-refund-order = Refund
word-retry-refund = Send a refund again
word-put-refund-aside = Mark a failed refund as dealt with
word-send-back = Send back a double or late payment
word-see-to-notice = Mark a doubted message as seen
word-subject-notice = message
field-refund = Refund number
field-pieces = Pieces
field-restocked = Back into stock
field-seen = Seen
orders-event-elsewhere = after it had failed; { $pieces } of its pieces had come back with another refund and count once, the money went back as well
