# Products
product-tabs = This product
tab-basics = Basics
tab-variants = Variants and prices
tab-pictures = Pictures
tab-preview = Preview
