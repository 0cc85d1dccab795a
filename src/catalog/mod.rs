//! What can be bought: products, variants, prices, stock.
