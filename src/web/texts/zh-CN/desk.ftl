# 后台
word-role-owner = 店主
word-role-operator = 运营
word-role-service = 客服
word-role-finance = 财务
word-role-read_only = 只读
rail-today = 今日
rail-catalog = 商品
rail-orders = 订单
rail-settings = 设置
pages = 翻页
to-first-page = 回到第一页
next-page = 下一页
error-permission-title = 没有权限
error-permission = 您的账号不能使用这一页。需要时请店主调整您的角色。
error-form-title = 页面已过期
error-form = 请回到上一页刷新后再提交一次，已填的内容可以复制下来。
