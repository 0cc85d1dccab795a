//! Which forms have begun their call to Weibo.

use crate::db::Tx;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whether this form is pressed for the first time. The call begins once that is committed.
pub async fn press(tx: &mut Tx, form: Uuid, now: OffsetDateTime) -> sqlx::Result<bool> {
    let pressed = sqlx::query!(
        "INSERT INTO fans_pressed (form_key, pressed_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        form,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(pressed.rows_affected() == 1)
}
