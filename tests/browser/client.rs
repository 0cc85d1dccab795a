//! In the Weibo client: from a card in the stream to a paid order and a repost.

use crate::support::{Browser, Device, shop};

#[tokio::test]
async fn a_card_in_the_stream_leads_to_a_paid_order_and_a_repost() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&format!("{}/sandbox/stream", shop.sandbox)).await?;
    her.keeps("stream").await?;
    her.clicks("a.card[href$='/p/spring-longjing']").await?;
    assert_eq!(her.attribute("body", "data-route").await?, "client");
    her.keeps("product").await?;

    her.opens_the_sheet().await?;
    her.chooses("spring-longjing-2").await?;
    assert_eq!(her.text("#due").await?, "¥298.00");
    her.keeps("sheet").await?;
    her.clicks("button.buy").await?;
    her.fills_in().await?;
    her.keeps("checkout").await?;
    let order = her.places().await?;
    her.keeps("payment").await?;

    her.clicks("a#pay").await?;
    her.sees("body.cashier-client").await?;
    her.keeps("cashier").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    her.keeps("paid").await?;
    shop.took_once(&order.number, 29800)?;

    // Whoever agreed before is not asked in the client, unless she wants to be another.
    let sign_in = her.attribute("#sign-in", "href").await?;
    her.goes_to(&shop.at(&format!("{sign_in}&another=yes"))).await?;
    her.clicks("input[name=account][value='7000000003']").await?;
    her.keeps("consent").await?;
    her.clicks("button[value=allow]").await?;
    let words = format!("龙井真香，第 {} 单。", order.number);
    her.sees("#repost textarea[name=text]").await?.clear().await?;
    her.types("#repost textarea[name=text]", &words).await?;
    her.keeps("repost").await?;
    her.clicks("#repost form button").await?;
    assert!(her.text("#repost blockquote").await?.contains(&words));
    her.keeps("reposted").await?;

    let status = shop.status_saying(&words).await?;
    assert_eq!(status["uid"], "7000000003");
    assert!(status["reposts"].is_u64(), "it says the card's status again: {status}");
    her.goes_to(&shop.at("/orders")).await?;
    assert!(her.text("main").await?.contains(&order.number));
    her.keeps("orders").await
}

#[tokio::test]
async fn leaving_the_cashier_pays_nothing_and_she_can_pay_later() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    let order = her.orders(shop, "walnut-cookie").await?;
    her.clicks("a#pay").await?;
    her.clicks("form.leave button").await?;
    her.sees("main[data-payment=pending] a#pay").await?;
    shop.took_once(&order.number, 2600).expect_err("nothing is paid");

    her.clicks("a#pay").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    shop.took_once(&order.number, 2600)
}

#[tokio::test]
async fn an_empty_form_says_what_is_missing_and_keeps_what_was_typed() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&shop.at("/checkout?variant=gannan-orange-1&quantity=2")).await?;
    her.types("input[name=recipient]", "林小满").await?;
    her.types("input[name=phone]", "12").await?;
    her.clicks(".submit button").await?;
    her.sees("#wrongs").await?;
    her.keeps("wrongs").await?;
    let told = her.attribute("input[name=phone][aria-invalid=true]", "aria-describedby").await?;
    assert!(!her.text(&format!("#{told}")).await?.is_empty());
    assert_eq!(her.value_of("document.querySelector('[name=recipient]').value").await?, "林小满");
    her.has_no("input[name=recipient][aria-invalid]").await
}
