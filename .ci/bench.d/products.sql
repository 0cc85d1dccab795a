-- Fills a shop with many products: psql -v count=100000 -f products.sql. Names are put together from words that
-- shops of this kind use; three in ten are tea, one in ten is sold out, one in twenty is a draft. The worker
-- makes them findable afterwards; `SELECT count(*) FROM search_waiting` tells how many still wait.
INSERT INTO categories (slug, name_zh, name_en, position)
SELECT 'bench-' || n, (ARRAY['茶叶','茶具','点心','蜜饯','文具','家居','衣物','饰品','果干','手作'])[n],
    (ARRAY['Tea','Teaware','Pastry','Preserves','Stationery','Home','Clothes','Jewellery','Dried fruit','Craft'])[n], 100 + n
FROM generate_series(1, 10) AS n
ON CONFLICT DO NOTHING;

WITH made AS (
    SELECT n, n % 10 < 3 AS tea,
        (ARRAY['山间','云南','武夷','安溪','西湖','黄山','福鼎','景德镇','苏州','徽州','潮汕','临沧','勐海','信阳','洞庭',
            '蒙顶','祁门','六安','阳羡','雁荡'])[1 + n % 20] AS place_zh,
        (ARRAY['Mountain','Yunnan','Wuyi','Anxi','Westlake','Huangshan','Fuding','Jingdezhen','Suzhou','Huizhou',
            'Chaoshan','Lincang','Menghai','Xinyang','Dongting','Mengding','Qimen','Luan','Yangxian','Yandang'])[1 + n % 20] AS place_en,
        (ARRAY['明前','手工','头采','陈年','古树','新款','经典','礼盒装','家常','限量','原味','高山'])[1 + (n / 7) % 12] AS kind_zh,
        (ARRAY['early spring','handmade','first flush','aged','old tree','new','classic','gift box','everyday',
            'limited','plain','highland'])[1 + (n / 7) % 12] AS kind_en,
        (ARRAY['龙井茶','普洱茶','大红袍','铁观音茶','碧螺春茶','白毫银针茶','祁门红茶','茉莉花茶'])[1 + (n / 3) % 8] AS tea_zh,
        (ARRAY['longjing tea','puer tea','dahongpao tea','tieguanyin tea','biluochun tea','silver needle tea',
            'keemun black tea','jasmine tea'])[1 + (n / 3) % 8] AS tea_en,
        (ARRAY['朱泥壶','盖碗','马克杯','桂花糕','五仁月饼','话梅','梅子蜜饯','信笺','竹制笔筒','羊毛袜','棉麻围裙','亚麻桌布',
            '银耳坠','陶瓷花瓶','芒果干','牛轧糖','香薰蜡烛','帆布包','木梳','绣花团扇'])[1 + (n / 11) % 20] AS goods_zh,
        (ARRAY['clay teapot','gaiwan','mug','osmanthus cake','five nut mooncake','salted plum','preserved plums',
            'letter paper','bamboo penholder','wool socks','apron','linen tablecloth','silver earrings',
            'porcelain vase','dried mango','nougat','candle','canvas bag','wooden comb','silk fan'])[1 + (n / 11) % 20] AS goods_en,
        (ARRAY['50g','100g','250g','大号','小号','一对','三只装','家庭装'])[1 + (n / 13) % 8] AS size
    FROM generate_series(1, :count) AS n),
added AS (
    INSERT INTO products (slug, category_id, name_zh, name_en, summary_zh, summary_en, description_zh, description_en,
        position, on_shelf, created_at, updated_at)
    SELECT 'bench-p' || n,
        (SELECT id FROM categories WHERE slug = 'bench-' || CASE WHEN tea THEN 1 ELSE 2 + n % 9 END),
        place_zh || kind_zh || CASE WHEN tea THEN tea_zh ELSE goods_zh END || ' ' || size || ' ' || n,
        place_en || ' ' || kind_en || ' ' || CASE WHEN tea THEN tea_en ELSE goods_en END || ' No. ' || n,
        kind_zh || '好物，来自' || place_zh || '的手艺人，第' || n || '批。', 'From ' || place_en || ', batch ' || n,
        repeat('每一件都在小作坊里慢慢做成，' || goods_zh || '与' || tea_zh || '一起送人最体面。包装结实，七天退换。', 4),
        repeat('Made slowly in a small workshop in ' || place_en || ', it goes well with ' || tea_en || '. ', 4),
        n, n % 20 <> 0, now() - n * interval '1 minute', now()
    FROM made
    ON CONFLICT DO NOTHING
    RETURNING id, slug),
varied AS (
    INSERT INTO variants (product_id, sku, position, price_fen, stock, weight_g)
    SELECT id, upper(slug), 1, 990 + id % 50000, CASE WHEN id % 10 = 0 THEN 0 ELSE 1 + id % 40 END, 300 FROM added
    RETURNING id, stock)
INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, at)
SELECT id, stock, stock, 'opening', 'shop', now() FROM varied WHERE stock > 0;
