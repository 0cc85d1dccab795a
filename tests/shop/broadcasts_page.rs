//! The page of a broadcast follows one that goes, by itself, and takes away nothing that is being typed.

use crate::broadcasts::{bound, fans, writes};
use crate::support::{Duration, TestShop};

async fn state_and_refresh(
    shop: &TestShop,
    owner: &mut crate::support::buyer::Buyer,
    id: i64,
) -> (String, String) {
    shop.follows_settings().await;
    let page = owner.opens(&format!("/admin/fans/broadcasts/{id}")).await;
    (page.attribute("#state", "data-state"), page.header("refresh").to_owned())
}

fn told(state: &str, refresh: &str) -> (String, String) {
    (state.into(), refresh.into())
}

#[tokio::test]
async fn the_page_looks_again_from_the_press_to_the_end_and_at_no_other_time() {
    let shop = bound().await;
    fans(&shop, 3).await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/fans/broadcasts").await;
    let form = owner.page().form("#pace").with("batch", "2").with("pause", "1");
    owner.submits(&form).await;
    let id = writes(&mut owner, &[]).await.0;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("draft", ""));
    let form = owner.page().form("#try").with("uid", "1");
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.header("refresh")), (422, ""));
    let form = owner.opens(&format!("/admin/fans/broadcasts/{id}")).await.form("#send");
    let page = owner.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.header("refresh")), (200, "5"), "it is about to begin");
    shop.work().await;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("sending", "5"));
    assert_eq!(owner.page().text("#sent"), "2", "of a hundred thousand too it is read, not counted");
    owner.presses("#pause").await;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("held", ""));
    owner.presses("#resume").await;
    shop.later(Duration::seconds(2));
    shop.work().await;
    shop.work().await;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("done", ""));
    assert_eq!(owner.page().text("#sent"), "3");

    let id = writes(&mut owner, &[]).await.0;
    let form = owner.page().form("#later").with("at", "2026-11-22T12:00");
    owner.submits(&form).await;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("scheduled", ""), "that is tomorrow");
    owner.presses("#cancel").await;
    assert_eq!(state_and_refresh(&shop, &mut owner, id).await, told("cancelled", ""));
    shop.later(Duration::days(1));
    shop.work().await;
    let recipients = shop.count("SELECT count(*) FROM broadcast_recipients").await;
    assert_eq!(recipients, 3, "the second began for nobody");
}
