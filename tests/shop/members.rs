//! Who has an account: invitations, roles, closing an account, beginning anew, and the log of all that.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::staff::{OWNER, PASSWORD};
use crate::support::{TestShop, minutes};
use serde_json::json;
use weipu::db::Tx;
use weipu::staff::audit::{self, Change};
use weipu::staff::{self, Refused, Role};

/// The link of an invitation that the owner makes on her page.
async fn invites(owner: &mut Buyer, role: &str) -> String {
    owner.opens("/admin/staff").await;
    let form = owner.page().form("#invite").with("role", role);
    let page = owner.submits(&form).await;
    let link: url::Url = page.attribute("#link", "value").parse().unwrap();
    link.path().to_owned()
}

async fn is_in(person: &mut Buyer) -> bool {
    person.opens("/admin").await.url.path() == "/admin"
}

/// On the page of this member: presses a form with these fields.
async fn does(owner: &mut Buyer, id: i64, form: &str, fields: &[(&str, &str)]) -> u16 {
    owner.opens(&format!("/admin/staff/{id}")).await;
    let form = owner.page().form(form);
    let form = fields.iter().fold(form, |form, (name, value)| form.with(name, *value));
    owner.submits(&form).await.status.as_u16()
}

#[tokio::test]
async fn an_invitation_works_once_for_its_role_and_can_be_taken_back() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let link = invites(&mut owner, "service").await;
    assert!(!owner.opens("/admin/staff").await.body.contains(&link), "shown once");
    let (mut a, mut b) = (shop.desktop(), shop.phone());
    let form = a.opens(&link).await.form("form").with("password", PASSWORD).with("role", "owner");
    b.opens(&link).await;
    let taken = form.clone().with("name", OWNER);
    assert!(!a.submits(&taken).await.wrong("name").is_empty(), "the owner's name is the owner's");
    let (first, second) = (form.clone().with("name", "小客"), form.with("name", "小服"));
    let (first, second) = tokio::join!(a.submits(&first), b.submits(&second));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 410]);
    assert_eq!(shop.count("SELECT count(*) FROM staff WHERE role = 'service'").await, 1);

    let revoked = invites(&mut owner, "owner").await;
    owner.opens("/admin/staff").await;
    owner.presses("form.revoke").await;
    let late = invites(&mut owner, "finance").await;
    let mut nobody = shop.desktop();
    assert_eq!(nobody.opens(&revoked).await.status, 410);
    assert_eq!(nobody.opens(&late).await.status, 200);
    shop.later(minutes(7 * 24 * 60 + 1));
    assert_eq!(nobody.opens(&late).await.status, 410);
}

#[tokio::test]
async fn a_role_that_changes_ends_her_sessions_and_her_invitations() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut second = shop.member("乙", Role::Owner).await;
    let link = invites(&mut second, "owner").await;
    assert_eq!(does(&mut owner, 2, "#change-role", &[("role", "nonsense")]).await, 422);
    assert!(is_in(&mut second).await);
    assert_eq!(does(&mut owner, 2, "#change-role", &[("role", "read_only")]).await, 200);
    assert!(!is_in(&mut second).await);
    assert_eq!(shop.desktop().opens(&link).await.status, 410, "no way back in by her own invitation");
    shop.later(minutes(1));
    shop.signs_in(&mut second, "乙").await;
    assert_eq!(second.opens("/admin/staff").await.status, 403);
    let page = owner.opens("/admin/audit?action=change-role").await;
    assert_eq!((page.text("td del"), page.text("td ins")), ("店主".into(), "只读".into()));
    assert!(page.text("td:nth-child(4)").contains("成员 2"));
}

#[tokio::test]
async fn whoever_is_shut_out_is_out_at_once_and_can_be_let_in_again() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut finance = shop.member("小财", Role::Finance).await;
    assert_eq!(does(&mut owner, 2, "#set-standing", &[]).await, 200);
    assert!(!is_in(&mut finance).await);
    shop.later(minutes(1));
    finance.opens("/admin/sign-in").await;
    let form = finance.page().form("form").with("name", "小财").with("password", PASSWORD);
    let page = finance.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.wrong("password")), (422, "名字或密码不对".into()));
    assert_eq!(does(&mut owner, 2, "#set-standing", &[]).await, 200);
    shop.signs_in(&mut finance, "小财").await;
    assert_eq!(does(&mut owner, 2, "#end-sessions", &[]).await, 200);
    assert!(!is_in(&mut finance).await);
    assert_eq!(does(&mut owner, 2, "#reset-factor", &[]).await, 200);
    finance.opens("/admin/sign-in").await;
    let form = finance.page().form("form").with("name", "小财").with("password", PASSWORD);
    assert_eq!(finance.submits(&form).await.url.path(), "/admin/account/second-factor", "she enrols anew");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.member("小运", Role::Operator).await;
    assert_eq!(does(&mut owner, 1, "#change-role", &[("role", "operator")]).await, 422);
    assert!(!owner.page().wrong("role").is_empty());
    assert_eq!(does(&mut owner, 1, "#set-standing", &[]).await, 422);
    assert!(is_in(&mut owner).await);
    assert_eq!(does(&mut owner, 2, "#change-role", &[("role", "owner")]).await, 200);
    assert_eq!(does(&mut owner, 2, "#set-standing", &[]).await, 200);
    assert_eq!(does(&mut owner, 1, "#set-standing", &[]).await, 422, "one who is shut out does not count");
}

#[tokio::test]
async fn two_owners_who_take_each_others_rights_away_leave_one() {
    for form in ["#change-role", "#set-standing"] {
        let shop = TestShop::open().await;
        let mut a = shop.owner().await;
        let mut b = shop.member("乙", Role::Owner).await;
        a.opens("/admin/staff/2").await;
        b.opens("/admin/staff/1").await;
        let (at_b, at_a) =
            (a.page().form(form).with("role", "operator"), b.page().form(form).with("role", "operator"));
        tokio::join!(a.submits(&at_b), b.submits(&at_a));
        let owners = "SELECT count(*) FROM staff WHERE role = 'owner' AND disabled_at IS NULL";
        assert_eq!(shop.count(owners).await, 1, "{form}");
    }
}

#[tokio::test]
async fn whoever_changes_an_owner_waits_for_whoever_changes_another() {
    let shop = TestShop::open().await;
    shop.owner().await;
    shop.member("乙", Role::Owner).await;
    let db = &shop.app.shop.db;
    let mut first = db.begin().await.unwrap();
    let members = staff::everybody(&mut first).await.unwrap();
    let (a, b) = (&members[0].member, &members[1].member);
    staff::change_role(&mut first, a, b.id, Role::Operator).await.unwrap().unwrap();
    let mut second = db.begin().await.unwrap();
    sqlx::raw_sql("SET LOCAL lock_timeout = '50ms'").execute(&mut *second).await.unwrap();
    let waits = staff::change_role(&mut second, b, a.id, Role::Operator).await.unwrap_err();
    assert!(format!("{waits:#}").contains("lock timeout"), "{waits:#}");
    drop(second);
    first.commit().await.unwrap();
    let mut second = db.begin().await.unwrap();
    let refused = staff::change_role(&mut second, a, a.id, Role::Operator).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refused::LastOwner);
    // What she was let in as a moment ago does not count any more.
    let now = shop.clock.now();
    let refused = staff::change_role(&mut second, b, b.id, Role::Owner).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refused::NotAnyMore);
    let refused = staff::set_enabled(&mut second, b, a.id, false, now).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refused::NotAnyMore);
    let refused = staff::invite(&mut second, b, Role::Owner, now).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refused::NotAnyMore);
}

/// Lets this stand once somebody waits for it.
async fn commits_when_awaited(shop: &TestShop, tx: Tx) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..500 {
        if shop.count(waiting).await > 0 {
            break;
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn whoever_lost_her_right_between_page_and_press_does_nothing_any_more() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut second = shop.member("乙", Role::Owner).await;
    let mut finance = shop.member("小财", Role::Finance).await;
    let link = invites(&mut owner, "owner").await;
    for lost in [
        "UPDATE staff SET role = 'operator' WHERE id = 2",
        "UPDATE staff SET disabled_at = created_at WHERE id = 2",
    ] {
        for (path, form) in [
            ("/admin/staff/3", "#reset-factor"),
            ("/admin/staff/3", "#end-sessions"),
            ("/admin/staff/3", "#change-role"),
            ("/admin/staff/3", "#set-standing"),
            ("/admin/staff", "form.revoke"),
            ("/admin/staff", "#invite"),
        ] {
            second.opens(path).await;
            let form = second.page().form(form).with("role", "operator");
            let mut meanwhile = shop.app.shop.db.begin().await.unwrap();
            sqlx::raw_sql(lost).execute(&mut *meanwhile).await.unwrap();
            let (page, ()) = tokio::join!(second.submits(&form), commits_when_awaited(&shop, meanwhile));
            assert_eq!(page.status, 403, "{}", page.told());
            let back = "UPDATE staff SET role = 'owner', disabled_at = NULL WHERE id = 2";
            sqlx::raw_sql(back).execute(&mut shop.database.connect().await).await.unwrap();
        }
    }
    assert!(is_in(&mut finance).await);
    assert_eq!(shop.desktop().opens(&link).await.status, 200);
    let untouched = "SELECT count(*) FROM staff WHERE role = 'finance' AND totp_sealed IS NOT NULL";
    assert_eq!(shop.count(untouched).await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM staff_links WHERE used_at IS NULL").await, 1);
}

#[tokio::test]
async fn a_reset_by_hand_gives_a_new_beginning() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let db = &shop.app.shop.db;
    assert_eq!(staff::reset_link(db, "nobody", shop.clock.now()).await.unwrap(), None);
    let old = staff::reset_link(db, OWNER, shop.clock.now()).await.unwrap().unwrap();
    let link = staff::reset_link(db, OWNER, shop.clock.now()).await.unwrap().unwrap();
    assert!(!is_in(&mut owner).await, "signed out at once");
    let mut anew = shop.desktop();
    assert_eq!(anew.opens(&format!("/admin/welcome/{old}")).await.status, 410);
    let page = anew.opens(&format!("/admin/welcome/{link}")).await;
    assert!(page.text("bdi") == OWNER && !page.has("#name"), "{}", page.told());
    let form = page.form("form").with("name", "somebody else").with("password", "三只小猪在山里卖春茶");
    assert_eq!(anew.submits(&form).await.url.path(), "/admin/account/second-factor");
    shop.enrols(&mut anew, OWNER).await;
    assert!(is_in(&mut anew).await);
    assert_eq!(shop.count("SELECT count(*) FROM staff").await, 1);
    assert_eq!(anew.opens(&format!("/admin/welcome/{link}")).await.status, 410);
    anew.opens("/admin/sign-in").await;
    let form = anew.page().form("form").with("name", OWNER).with("password", PASSWORD);
    assert_eq!(anew.submits(&form).await.status, 422, "the old password is void");
}

#[tokio::test]
async fn the_log_says_who_changed_what_and_can_be_searched() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let member = staff::everybody(&mut conn).await.unwrap().remove(0).member;
    for n in 0..60 {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let subject = format!("product {n}");
        let (before, after) = (json!({"name": "<b>旧</b>", "price": n}), json!({"name": "新", "price": n}));
        let change =
            Change { action: "change-product", subject: &subject, before: Some(before), after: Some(after) };
        audit::record(&mut tx, &member, change, shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let page = owner.opens("/admin/audit?action=change-product").await;
    assert!(page.body.contains("product 59") && !page.body.contains("product 9<"), "the newest first");
    assert!(page.body.contains("&#60;b&#62;旧") && !page.body.contains("<b>旧"), "as text");
    assert!(!page.text("td ul.changes").contains("price"), "what stayed is left out");
    let page = owner.follows("nav.pager a[rel=next]").await;
    assert!(page.body.contains("product 9") && !page.body.contains("product 10"), "{}", page.told());
    for (query, rows) in [
        ("subject=product+7", 1),
        ("subject=product+7&member=1", 1),
        ("subject=product+7&member=2", 0),
        ("from=2026-11-21&to=2026-11-21&subject=product+7", 1),
        ("from=2026-11-22", 0),
        ("to=2026-11-20", 0),
        ("from=-9999-01-01&to=9999-12-31&subject=product+7", 1),
        ("from=-5000-01-01&to=-5000-01-01&subject=product+7", 1),
        ("subject=%00&from=x&before=x&member=x&action=sign-in", 1),
    ] {
        let page = owner.opens(&format!("/admin/audit?{query}")).await;
        assert_eq!(page.body.matches("<tr data-action").count(), rows, "{query}");
    }
    let mut finance = shop.member("小财", Role::Finance).await;
    assert_eq!(finance.opens("/admin/audit").await.status, 200);
    let mut operator = shop.member("小运", Role::Operator).await;
    assert_eq!(operator.opens("/admin/audit").await.status, 403);
}

#[tokio::test]
async fn what_happens_at_the_door_is_in_the_log() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin").await;
    owner.presses("form[action='/admin/sign-out']").await;
    let form = owner.page().form("form").with("name", OWNER).with("password", "a wrong password");
    owner.submits(&form).await;
    shop.later(minutes(1));
    shop.signs_in(&mut owner, OWNER).await;
    invites(&mut owner, "service").await;
    owner.opens("/admin/audit").await;
    for action in ["join", "sign-in", "enrol-second-factor", "sign-out", "refuse-sign-in", "invite-member"] {
        assert!(owner.page().has(&format!("tr[data-action={action}]")), "{action}");
    }
    let words = owner.page().text("tbody");
    assert!(!words.contains("word-") && !words.contains("field-"), "{words}");
}

#[tokio::test]
async fn the_log_is_only_ever_added_to() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut conn = shop.database.connect().await;
    for sql in [
        "UPDATE audit SET staff_name = 'x'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "DELETE FROM audit WHERE id = 1",
    ] {
        let error = sqlx::raw_sql(sql).execute(&mut conn).await.unwrap_err();
        let name = error.as_database_error().unwrap().constraint().map(str::to_owned);
        assert_eq!(name.as_deref(), Some("audit_append_only"), "{sql}: {error}");
    }
}

#[tokio::test]
async fn the_back_office_speaks_her_language() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens("/admin/account").await;
    let form = owner.page().form("form[action$='/language']").with("language", "en");
    let page = owner.submits(&form).await;
    assert_eq!((page.attribute("html", "lang"), page.text("h1")), ("en".into(), "My account".into()));
    let link = invites(&mut owner, "service").await;
    let mut member = shop.desktop();
    member.opens(&format!("{link}?lang=en")).await;
    let form = member.page().form("form").with("name", "Ann").with("password", PASSWORD);
    assert_eq!(member.submits(&form).await.attribute("html", "lang"), "en", "as she was asked");
    let url = member.browser.at("/admin/account/language");
    assert_eq!(member.asks(Ask::post(url, "language=zh-CN")).await.status, 403, "without the token");
}
