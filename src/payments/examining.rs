//! Looking whether the money adds up as it comes round: each minute at what moved lately, once a day at everything.
//! What was found is kept, and stays until a later look at the same order finds nothing.

use super::store::checking::{self, Look};
use super::store::checks;
use crate::db::Db;
use time::{Duration, OffsetDateTime};

/// The look of each minute goes back so far.
pub const LOOKS_BACK: Duration = Duration::hours(1);
/// A refund whose end is not known after so long, and an attempt of which nothing is known after so long (features.md
/// P21), are somebody's to look at.
pub const STUCK_REFUND: Duration = Duration::days(1);
pub const STUCK_ATTEMPT: Duration = Duration::minutes(30);

/// Looks, unless another worker has done so: at everything once a day, else at what moved lately once a minute.
pub async fn examine_when_due(db: &Db, whole: bool, now: OffsetDateTime) -> anyhow::Result<Option<Look>> {
    // Whoever began a whole one and died is given ten minutes.
    let (again, unfinished) = if whole {
        (Duration::hours(23), Duration::minutes(10))
    } else {
        (Duration::seconds(50), Duration::seconds(50))
    };
    let mut tx = db.begin().await?;
    let ours = checks::begin(&mut tx, whole, (now - again, now - unfinished), now).await?;
    tx.commit().await?;
    if ours { examine(db, whole, now).await.map(Some) } else { Ok(None) }
}

/// Looks, at all orders when `whole`, and keeps what it finds. Of several at once all but one may fail; they can be
/// tried again.
pub async fn examine(db: &Db, whole: bool, now: OffsetDateTime) -> anyhow::Result<Look> {
    let mut tx = db.begin().await?;
    checks::prepare(&mut tx).await?;
    if whole {
        checks::alone(&mut tx).await?;
    }
    let look = checking::look(&mut tx, (!whole).then(|| now - LOOKS_BACK)).await?;
    let fresh = checks::keep(&mut tx, whole, &look, now).await?;
    tx.commit().await?;
    for breach in fresh {
        let (rule, order, detail) = (breach.rule, breach.order, breach.detail);
        tracing::error!(rule, order, detail, "the money does not add up");
    }
    Ok(look)
}
