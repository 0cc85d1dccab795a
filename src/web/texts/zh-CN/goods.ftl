# 商品
product-tabs = 这件商品
tab-basics = 基本信息
tab-variants = 规格与价格
tab-pictures = 图片
tab-preview = 预览
