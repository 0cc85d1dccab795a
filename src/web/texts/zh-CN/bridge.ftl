# 微博客户端里的便利，没有它们也能买
bridge-share = 分享
bridge-share-denied = 微博没有允许分享，请用右上角的菜单
bridge-locate = 填入省市
bridge-address = 微博收货地址
bridge-contact = 通讯录
bridge-filled = 已填好，请核对一下
bridge-kept = 您填的内容没有改动
bridge-denied-client = 微博没有得到允许。请到手机的 设置 → 微博 里打开，或者直接填写
bridge-denied-browser = 浏览器没有得到允许。请在地址栏旁的网站设置里打开，或者直接填写
bridge-lost = 没找到您的位置，请直接填写
bridge-abroad = 您好像不在中国，请直接填写
bridge-nothing = 没有得到能用的地址，请直接填写
bridge-scan = 扫一扫
bridge-scan-nothing = 照片里没看到条码，请拍近一点，或者直接填写
bridge-pick = 拍照或从相册选
bridge-camera-denied = 微博没有得到允许。请到手机的 设置 → 微博 里打开相机和照片
