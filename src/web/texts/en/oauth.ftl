# Own account
mine = My account
mine-who = Signed in
mine-browsers = Browsers signed in: { $count }
mine-leave = Weibo permission
mine-leave-until = You let this shop act for you until { $until }.
mine-leave-what = It posts for you only when you press “Repost”. You can withdraw this at any time.
mine-leave-none = This shop may not act for you on Weibo now. Your orders are not affected.
mine-withdraw = Withdraw permission
mine-withdrawn = Withdrawn. This shop keeps no Weibo credentials of yours any more.
mine-withdrawn-later = Withdrawn. This shop does not use your Weibo credentials any more. Weibo does not answer at the moment; we keep telling it.
mine-ended = Signed out on all browsers.
mine-sign-out-here = Sign out
mine-sign-out-everywhere = Sign out everywhere
mine-another = Use another Weibo account
mine-sign-in = Sign in with Weibo
mine-sign-in-again = Give permission again
mine-nobody = You are not signed in. Sign in to see your orders on any device.

# Links in private messages
hint-another-title = This link was sent to another Weibo account
hint-another = You are signed in with a different one. Change accounts, or go on with this one.
hint-go-on = Go on

# Signing in by scanning
scan-title = Sign in by scanning
scan-alt = QR code to sign in, for the Weibo app
scan-waiting = Waiting for the scan
scan-sign-in-2 = Point it at the code and open it with your Weibo account
scan-sign-in-3 = Check the browser and press “Sign in there”
scan-lives = The code works once, for 3 minutes.
scan-here = Sign in to Weibo on this computer
scan-expired = The code is no longer valid
scan-expired-next = It has expired or was used. Please take a new one.
scan-refused = The phone said no
scan-refused-next = If that was a mistake, take a new code.
scan-anew = New code
scanned-title = Sign in on a computer?
scanned-asks = A browser wants to sign in to “{ $shop }” with your Weibo account:
scanned-since = Asked at
scanned-beware = Make sure that it is the computer in front of you. If somebody sent you this code, press “Do not sign in”.
scanned-as = Account
scanned-yes = Sign in there
scanned-no = Do not sign in
scanned-there = Done: the computer is signed in.
scanned-not-there = Not signed in. That code is void.
error-scan-over-title = The code is no longer valid
error-scan-over = This code has expired or was used. Take a new one on the computer and scan again.

# When signing in fails
error-not-signed-in-title = Please sign in
error-not-signed-in = Sign in with Weibo first.
error-oauth-unaudited-title = Test accounts only for now
error-oauth-unaudited = Weibo has not audited this shop’s app yet and lets in only its test accounts. You can buy without signing in.
error-oauth-setup-title = Sign-in is not set up
error-oauth-setup = Weibo does not know this shop’s app or its address. Please tell the shop. You can buy without signing in.

# Repost
repost-kept = Your words are kept until you are signed in:

# Back office
sign-in-setting = Buyers’ sign-in
offer-follow = Offer to follow the shop’s official account at sign-in
offer-follow-why = Weibo’s consent page then has a box to follow it, which buyers may leave empty. Weibo has to grant the app follow_app_official_microblog.
word-change-sign-in = Changed buyers’ sign-in
callback-deauthorize = Cancel-authorisation callback
