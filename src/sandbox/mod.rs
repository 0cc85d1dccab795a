//! A pretend Weibo with its own state, spoken to over HTTP; knows nothing of a shop.
