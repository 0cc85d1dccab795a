# Received
word-tab-received = Received
word-event-received = Received
word-receive-order = Marked as received
word-received-buyer = said by the buyer
word-received-staff = marked by the staff
word-received-shop = by itself
orders-received-at = Received
orders-awaited = Counts as received
orders-awaited-refund = once the refund has ended
orders-receive = Mark as received
orders-receive-sure = Only when the buyer or the courier has told you so. It cannot be undone, and the label cannot be corrected any more.
orders-receive-now = Yes, the buyer has it
said-received = Marked as received.
refused-received = The buyer has it: the label cannot be changed any more.
field-receive_days = Counts as received after (days)
hint-receive-days = 3 to 60 days. So long after it was sent an order counts as received although the buyer said nothing; a refund that is being carried out comes first. A shorter time holds for what is sent from now on, a longer one for parcels on their way, too: for holidays, when couriers are slow.

# What buyers read
state-received = Received
receipt-now = I have received it
receipt-sure = Press this when the parcel is there and all is well. It cannot be undone.
receipt-by-itself = Otherwise it counts as received by itself on { $at }.
receipt-soon = It was sent a while ago and will soon count as received by itself.
receipt-held = A refund is being carried out; until it has ended the order does not count as received by itself.
received-contact = Thank you! If anything is wrong with it, we are there for you: how to reach us stands at the end of this page.
received-weibo = Thank you! If anything is wrong with it, send us a private message on Weibo.
happened-received = Received
happened-received-staff = Marked as received by the shop
happened-received-itself = Counts as received
error-receipt-sign-in-title = Not from here
error-receipt-sign-in = Open the order with the Weibo account or the browser that placed it to say that you have it.
error-receipt-not-sent-title = Not yet
error-receipt-not-sent = This order has not been sent.
error-receipt-refunded-title = No need to
error-receipt-refunded = The money for this order goes back, or is back.

# Messages
field-tell_received = When an order counts as received by itself
word-told-received = counts as received
