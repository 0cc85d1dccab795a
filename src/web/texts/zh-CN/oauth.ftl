# 我的账号
mine = 我的账号
mine-who = 当前登录
mine-browsers = 已在 { $count } 个浏览器登录
mine-leave = 微博授权
mine-leave-until = 您已授权本店到 { $until }。
mine-leave-what = 本店只在您点“转发”时代您发微博。您可以随时收回授权。
mine-leave-none = 本店现在没有您的微博授权。您的订单不受影响。
mine-withdraw = 收回授权
mine-withdrawn = 授权已收回，本店不再保留您的微博凭证。
mine-withdrawn-later = 授权已收回，本店不再使用您的微博凭证。微博暂时没有回应，我们会继续通知它。
mine-ended = 所有浏览器都已退出登录。
mine-sign-out-here = 退出登录
mine-sign-out-everywhere = 在所有设备上退出
mine-another = 换一个微博账号
mine-sign-in = 用微博登录
mine-sign-in-again = 重新授权
mine-nobody = 您还没有登录。登录后可以在任何设备上看到自己的订单。

# 私信里的链接
hint-another-title = 这个链接是发给另一个微博账号的
hint-another = 您现在登录的不是那个账号。可以换账号再打开，也可以用现在的账号继续看看。
hint-go-on = 继续打开

# 扫码登录
scan-title = 微博扫码登录
scan-alt = 登录二维码，用微博客户端扫描
scan-waiting = 等待扫码
scan-sign-in-2 = 对准二维码，用微博账号打开
scan-sign-in-3 = 核对浏览器，点“在那里登录”
scan-lives = 二维码 3 分钟内有效，只能用一次。
scan-here = 在这台电脑上登录微博
scan-expired = 二维码已失效
scan-expired-next = 它已经过期或已经用过，请换一个新的。
scan-refused = 手机上选择了不登录
scan-refused-next = 如果是误点，可以换一个新的二维码。
scan-anew = 换一个二维码
scanned-title = 在电脑上登录？
scanned-asks = 有浏览器想用您的微博账号登录“{ $shop }”：
scanned-since = 请求时间
scanned-beware = 请确认这就是您面前的电脑。如果二维码是别人发给您的，请点“不登录”。
scanned-as = 登录账号
scanned-yes = 在那里登录
scanned-no = 不登录
scanned-there = 好了，电脑上已经登录。
scanned-not-there = 没有登录，那个二维码已作废。
error-scan-over-title = 二维码已失效
error-scan-over = 这个二维码已经过期或已经用过，请在电脑上换一个新的再扫。

# 登录不成
error-not-signed-in-title = 请先登录
error-not-signed-in = 这一步要先用微博登录。
error-oauth-unaudited-title = 暂时只能用测试账号登录
error-oauth-unaudited = 本店的微博应用还没有通过审核，微博只允许测试账号登录。不登录也可以正常购买。
error-oauth-setup-title = 本店的微博登录没有设置好
error-oauth-setup = 微博不认识本店的应用或回调地址，请联系店主。不登录也可以正常购买。

# 转发
repost-kept = 您写的话替您留着，登录后接着发：

# 后台
sign-in-setting = 买家登录
offer-follow = 登录时邀请买家关注本店官方微博
offer-follow-why = 微博授权页会多一个“关注”选项，买家可以不选。需要微博给应用开通 follow_app_official_microblog。
word-change-sign-in = 修改买家登录
callback-deauthorize = 取消授权回调页
