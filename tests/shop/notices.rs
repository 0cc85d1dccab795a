//! Weibo's notices: duplicated, reordered, late, forged, altered, and said of something else.

use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use crate::support::{TestShop, minutes};
use weipu::sandbox::{Fault, Outcome};
use weipu::weibo::signature::{Params, SigningKey, write_form};

/// Somebody who has paid for two tins, of which Weibo has told nothing yet.
async fn paid_silently(shop: &TestShop) -> Buyer {
    shop.weibo.will(Fault::Silent);
    let mut buyer = shop.buyer();
    buyer.orders("longjing-1", 2).await;
    buyer.pays().await;
    buyer
}

/// What Weibo would have said of the last payment.
fn notice(shop: &TestShop) -> Params {
    Weibo::notice_of(&shop.weibo.payment())
}

fn but(mut fields: Params, name: &str, value: &str) -> Params {
    fields.insert(name.into(), value.into());
    fields
}

async fn payments(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM payments").await
}

async fn notices(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM notices").await
}

#[tokio::test]
async fn a_duplicate_has_one_effect_and_is_told_success() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    for _ in 0..3 {
        let answer = shop.weibo.tells(notice(&shop)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "success"));
        assert!(answer.header("content-type").starts_with("text/plain"));
    }
    // Another notice of the same payment.
    let answer = shop.weibo.tells(but(notice(&shop), "notify_id", "8000000000000009")).await;
    assert_eq!(answer.body, "success");
    assert_eq!((payments(&shop).await, notices(&shop).await), (1, 2));
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn twenty_at_once_have_one_effect() {
    let shop = TestShop::open().await;
    let buyer = paid_silently(&shop).await;
    let tell = |n: usize| {
        let fields = but(notice(&shop), "notify_id", &format!("80000000000000{:02}", n % 4));
        let body = write_form(&shop.weibo.signed(fields));
        let mut line = shop.buyer().browser;
        async move {
            let to = line.at("/hooks/weibo/pay");
            line.send(crate::support::browser::Ask::post(to, body)).await.body
        }
    };
    let answers = futures_util::future::join_all((0..20).map(tell)).await;
    assert!(answers.iter().all(|answer| answer == "success"), "{answers:?}");
    assert_eq!((payments(&shop).await, notices(&shop).await), (1, 4));
    drop(buyer);
    shop.closes().await;
}

#[tokio::test]
async fn the_sandbox_sends_twice_at_once() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Twice);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    assert_eq!(shop.weibo.delivers().await, [Outcome::Taken, Outcome::Taken]);
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    assert_eq!(payments(&shop).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn a_forged_notice_changes_nothing() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    let mut fields = notice(&shop);
    let strangers = SigningKey::parse(weipu::sandbox::demo_merchant_private_key()).unwrap();
    let sign = strangers.sign(&fields).unwrap();
    fields.extend([("sign".to_owned(), sign), ("sign_type".to_owned(), "RSA".to_owned())]);
    let genuine = shop.weibo.signed(notice(&shop));
    let unsigned = write_form(&notice(&shop));
    let altered = write_form(&but(genuine.clone(), "subject", "something else"));
    let more = format!("{}&more=1", write_form(&genuine));
    let empty = write_form(&but(genuine.clone(), "sign", ""));
    let plain = write_form(&but(but(genuine, "sign_type", "NONE"), "body", "x"));
    for body in [write_form(&fields), unsigned, altered, more, empty, plain] {
        let answer = shop.weibo.posts(body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, "rejected"), "{body}");
    }
    assert_eq!((payments(&shop).await, notices(&shop).await), (0, 0), "it leaves no trace");
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    shop.closes().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "Weibo was asked");
}

#[tokio::test]
async fn the_sandboxs_forged_notice_is_refused_until_it_gives_up() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Forged);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    let refused = Outcome::Refused { status: 400, body: "rejected".into() };
    assert_eq!(shop.weibo.delivers().await, [refused]);
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.closes().await;
}

#[tokio::test]
async fn another_amount_is_kept_for_a_person_to_see_and_not_believed() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::OneFen);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    let refused = Outcome::Refused { status: 422, body: "mismatch".into() };
    for _ in 0..2 {
        assert_eq!(shop.weibo.delivers().await, std::slice::from_ref(&refused));
        shop.later(minutes(1));
    }
    assert_eq!((payments(&shop).await, notices(&shop).await), (0, 1));
    assert_eq!(shop.count("SELECT times::bigint FROM notices WHERE outcome = 'refused'").await, 2);
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    shop.weibo.sandbox.set_schedule(vec![0]);
    shop.closes().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "the query told the right amount");
}

#[tokio::test]
async fn what_is_not_ours_or_not_known_is_not_believed() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    let fields = notice(&shop);
    let cases = [
        but(fields.clone(), "seller_id", "7000000099"),
        but(fields.clone(), "appkey", "1900000099"),
        but(fields.clone(), "out_pay_id", "NOSUCHORDER00199"),
        but(fields.clone(), "total_amount", "25601"),
        but(fields.clone(), "total_amount", "256.00"),
        but(fields.clone(), "total_amount", "-25600"),
        but(fields.clone(), "total_amount", "99999999999999999999999"),
        but(fields.clone(), "status", "PAY_STATUS_MAYBE"),
        but(fields.clone(), "pay_id", "1 OR 1=1"),
        but(fields.clone(), "buyer_id", "nobody"),
        but(fields.clone(), "pay_time", "yesterday"),
        fields.into_iter().filter(|(name, _)| name != "status").collect(),
    ];
    for fields in cases {
        let answer = shop.weibo.tells(fields.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (422, "mismatch"), "{fields:?}");
    }
    assert_eq!(payments(&shop).await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM notices WHERE outcome = 'refused'").await, 12);
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    shop.closes().await;
}

#[tokio::test]
async fn one_payment_number_cannot_pay_two_orders() {
    let shop = TestShop::open().await;
    let first = paid_silently(&shop).await;
    let mut told = notice(&shop);
    assert_eq!(shop.weibo.tells(told.clone()).await.body, "success");
    let mut second = paid_silently(&shop).await;
    let number = told.remove("pay_id").unwrap();
    let answer = shop.weibo.tells(but(notice(&shop), "pay_id", &number)).await;
    assert_eq!(answer.status, 422, "{}", answer.told());
    assert_eq!(second.looks_again().await.payment(), "confirming");
    assert_eq!(shop.weibo.tells(notice(&shop)).await.body, "success");
    assert_eq!(second.looks_again().await.payment(), "paid");
    drop(first);
    shop.closes().await;
}

#[tokio::test]
async fn after_success_neither_closed_nor_pending_changes_anything() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::ThenClosed);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    shop.later(minutes(1));
    assert_eq!(shop.weibo.delivers().await, [Outcome::Taken], "CLOSED is taken and noted");
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    for status in ["PAY_STATUS_CLOSED", "PAY_STATUS_PENDING"] {
        assert_eq!(shop.weibo.tells(but(notice(&shop), "status", status)).await.body, "success");
        assert_eq!(buyer.looks_again().await.payment(), "paid");
    }
    shop.closes().await;
    assert_eq!(shop.stock("mug").await, 4);
}

#[tokio::test]
async fn closed_first_and_success_after_is_paid() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    assert_eq!(shop.weibo.tells(but(notice(&shop), "status", "PAY_STATUS_CLOSED")).await.body, "success");
    assert_eq!(shop.weibo.tells(but(notice(&shop), "status", "PAY_STATUS_PENDING")).await.body, "success");
    assert_eq!(shop.weibo.tells(notice(&shop)).await.body, "success");
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn signed_fields_that_no_document_names_are_welcome() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::ExtraFields);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    assert_eq!(shop.weibo.delivers().await, [Outcome::Taken]);
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_no_notice_is_refused() {
    let shop = TestShop::open().await;
    let buyer = paid_silently(&shop).await;
    let genuine = write_form(&shop.weibo.signed(notice(&shop)));
    let twice = format!("{genuine}&total_amount=1").into_bytes();
    let again = format!("total_amount=1&{genuine}").into_bytes();
    let bodies: [Vec<u8>; 9] = [
        twice,
        again,
        Vec::new(),
        b"&&&===".to_vec(),
        b"sign=%FF%FE&sign_type=RSA".to_vec(),
        b"\0\0\0\xff".to_vec(),
        b"{\"status\":\"PAY_STATUS_SUCCESS\"}".to_vec(),
        b"<xml/>".to_vec(),
        "a=b&".repeat(9_000).into_bytes(),
    ];
    for body in bodies {
        let answer = shop.weibo.posts(body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (400, "rejected"), "{body:?}");
    }
    let answer = shop.weibo.posts(vec![b'a'; 100_000]).await;
    assert_eq!((answer.status.as_u16(), answer.body.contains("success")), (413, false));
    assert_eq!((payments(&shop).await, notices(&shop).await), (0, 0));
    drop(buyer);
    shop.closes().await;
}

#[tokio::test]
async fn a_notice_is_kept_word_for_word() {
    let shop = TestShop::open().await;
    let buyer = paid_silently(&shop).await;
    let body = write_form(&shop.weibo.signed(but(notice(&shop), "备注", "a=1&b=2 +%")));
    assert_eq!(shop.weibo.posts(body.clone()).await.body, "success");
    let mut conn = shop.database.connect().await;
    let kept: String = sqlx::query_scalar("SELECT body FROM notices").fetch_one(&mut conn).await.unwrap();
    assert_eq!(kept, body);
    drop(buyer);
    shop.closes().await;
}

#[tokio::test]
async fn a_late_notice_finds_the_order_paid_because_weibo_was_asked() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Late);
    shop.weibo.sandbox.set_late_minutes(90);
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    buyer.pays().await;
    assert_eq!(shop.weibo.delivers().await, []);
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "not closed: Weibo was asked");
    shop.later(minutes(60));
    assert_eq!(shop.weibo.delivers().await, [Outcome::Taken]);
    assert_eq!(payments(&shop).await, 1);
    shop.closes().await;
}

/// Postgres ends the connection in the middle of COMMIT, once.
#[tokio::test]
async fn a_connection_that_is_cut_at_the_commit_is_not_told_success() {
    let shop = TestShop::open().await;
    let cut = "CREATE SEQUENCE struck;
        CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF nextval('struck') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER strike AFTER INSERT ON payments DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION strike();";
    sqlx::raw_sql(cut).execute(&mut shop.database.connect().await).await.unwrap();
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    let lost = shop.weibo.sandbox.deliver_due().await;
    assert!(matches!(lost[0].outcome, Outcome::Refused { status: 500, .. }), "{lost:?}");
    assert_eq!(buyer.looks_again().await.payment(), "confirming");
    shop.later(minutes(1));
    assert_eq!(shop.weibo.delivers().await, [Outcome::Taken]);
    assert_eq!((payments(&shop).await, buyer.looks_again().await.payment()), (1, "paid".into()));
    shop.closes().await;
}

#[tokio::test]
async fn a_notice_and_an_answer_at_the_same_time_are_one_payment() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    buyer.presses("form[action*=question]").await;
    let (told, (), ()) = tokio::join!(shop.weibo.tells(notice(&shop)), shop.work(), shop.work());
    assert_eq!((told.body.as_str(), payments(&shop).await), ("success", 1));
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn a_notice_while_the_order_is_being_closed_finds_it_paid_and_the_goods_taken_once() {
    let shop = TestShop::open().await;
    let mut buyer = paid_silently(&shop).await;
    shop.weibo.will(Fault::QueryFails);
    shop.later(minutes(31));
    let (told, (), ()) = tokio::join!(shop.weibo.tells(notice(&shop)), shop.work(), shop.work());
    assert_eq!(told.body, "success");
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("paid".into(), "open".into()));
    assert_eq!(shop.stock("longjing-1").await, 18);
    shop.closes().await;
}
