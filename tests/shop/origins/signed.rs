//! Links that nobody can guess.

use super::{comes_by, link, recorded};
use crate::support::TestShop;
use weipu::sharing::links::Source;

#[tokio::test]
async fn a_link_that_the_shop_has_not_signed_is_not_looked_for() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    assert_eq!(code.len(), 12);
    assert_eq!(link(&shop, Source::Campaign(1)).await, code, "made once");
    // Even one that is there: so the table was not asked.
    shop.runs(
        "INSERT INTO short_links SELECT '0aZ45678' || suffix, '/p/mug', 'post', number, now()
         FROM (VALUES ('AAAA', 1), ('BBBB', 2), ('', 3)) AS made (suffix, number)",
    )
    .await;
    let mut buyer = shop.buyer();
    for forged in
        ["0aZ45678AAAA", "0aZ45678BBBB", &format!("{}0000", &code[..8]), &code[..11], &format!("{code}x")]
    {
        assert_eq!(buyer.opens(&format!("/s/{forged}")).await.status.as_u16(), 404, "{forged}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM short_link_clicks").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 0);
    // Those from before there were signatures live on.
    comes_by(&mut buyer, "0aZ45678").await;
    comes_by(&mut buyer, &code).await;
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, post 3 browser");
    shop.closes().await;
}

#[tokio::test]
async fn of_two_who_make_a_link_at_once_both_have_the_same() {
    let shop = TestShop::open().await;
    let (one, two) = tokio::join!(link(&shop, Source::Post(7)), link(&shop, Source::Post(7)));
    assert_eq!(one, two);
    assert_eq!(shop.count("SELECT count(*) FROM short_links").await, 1);
}
