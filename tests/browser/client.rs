//! In the Weibo client: from a card in the stream to a paid order and a repost.

use crate::support::{Browser, Device, shop};

#[tokio::test]
async fn a_card_in_the_stream_leads_to_a_paid_order_and_a_repost() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&format!("{}/sandbox/stream", shop.sandbox)).await?;
    her.clicks("a.card[href$='/p/spring-longjing']").await?;
    assert_eq!(her.attribute("body", "data-route").await?, "client");

    her.opens_the_sheet().await?;
    her.chooses("spring-longjing-2").await?;
    assert_eq!(her.text("#due").await?, "¥298.00");
    her.clicks("button.buy").await?;
    her.fills_in().await?;
    let order = her.places().await?;

    her.clicks("a#pay").await?;
    her.sees("body.cashier-client").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    shop.took_once(&order.number, 29800)?;

    her.clicks("#sign-in").await?;
    her.clicks("input[name=account][value='7000000003']").await?;
    her.clicks("button[value=allow]").await?;
    let words = format!("龙井真香，第 {} 单。", order.number);
    let text = her.sees("#repost textarea[name=text]").await?;
    text.clear().await?;
    her.types("#repost textarea[name=text]", &words).await?;
    her.clicks("#repost form button").await?;
    assert!(her.text("#repost blockquote").await?.contains(&words));

    let status = shop.status_saying(&words).await?;
    assert_eq!(status["uid"], "7000000003");
    assert!(status["reposts"].is_u64(), "it says the card's status again: {status}");
    Ok(())
}
