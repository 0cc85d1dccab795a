//! Takes jobs and clock ticks and calls the rooms.

mod folding;
mod many;
mod posting;
mod reposts;

use crate::catalog::{self, ProductId};
use crate::clock::Clock;
use crate::customers::{self, CustomerId, RevocationId};
use crate::db::{self, Db};
use crate::fans;
use crate::files::Files;
use crate::jobs::{self, Job, Outcome, Taken};
use crate::orders::{self, OrderId};
use crate::partners;
use crate::payments::telling::{self, MessageId};
use crate::payments::{self, AttemptId, Callbacks, RefundId};
use crate::reconciliation::{self, ReconciliationId};
use crate::seal::Keyring;
use crate::settings::Current;
use crate::sharing;
use crate::staff;
use crate::transfers::{self, TransferId};
use crate::weibo;
use futures_util::future::join_all;
use std::time::Duration;
use time::Duration as Span;

/// All that a job may need.
#[derive(Clone)]
pub struct Worker {
    pub db: Db,
    pub current: Current,
    pub clock: Clock,
    /// Opens the tokens of customers.
    pub keys: Keyring,
    pub files: Files,
    pub callbacks: Callbacks,
}

/// Work that comes round: what, and how often.
const RECURRING: &[(Recurring, Duration)] = &[
    (Recurring::AgreeOnTime, Duration::from_mins(1)),
    (Recurring::FollowSettings, Duration::from_secs(2)),
    (Recurring::SweepSessions, Duration::from_hours(1)),
    (Recurring::FoldFigures, Duration::from_secs(10)),
    (Recurring::FoldRelations, Duration::from_secs(10)),
    (Recurring::CheckFigures, Duration::from_hours(24)),
    (Recurring::SweepPictures, Duration::from_hours(24)),
    (Recurring::CheckStock, Duration::from_hours(1)),
    (Recurring::IndexProducts, Duration::from_mins(1)),
    (Recurring::SweepTransfers, Duration::from_hours(1)),
    (Recurring::SweepNotices, Duration::from_hours(24)),
    (Recurring::SweepCards, Duration::from_hours(24)),
    (Recurring::SweepPushes, Duration::from_hours(1)),
    (Recurring::CheckMoneyOfLate, Duration::from_mins(1)),
    (Recurring::CheckAllMoney, Duration::from_hours(1)),
    (Recurring::Reconcile, Duration::from_mins(10)),
    (Recurring::ReadSubscribers, Duration::from_hours(1)),
    (Recurring::TellReminders, Duration::from_mins(1)),
    (Recurring::LookUpFans, Duration::from_secs(10)),
    (Recurring::SweepMedia, Duration::from_hours(1)),
    (Recurring::ReceiveOrders, Duration::from_mins(1)),
    (Recurring::WorkOutCommission, Duration::from_mins(1)),
];

/// So many jobs are worked on at once.
const HANDS: usize = 4;

#[derive(Debug, Clone, Copy)]
enum Recurring {
    AgreeOnTime,
    /// What another process has saved holds here too.
    FollowSettings,
    SweepSessions,
    FoldFigures,
    /// What customers did with the shop, by day and in what order.
    FoldRelations,
    CheckFigures,
    SweepPictures,
    CheckStock,
    /// What was changed and not made findable by whoever changed it.
    IndexProducts,
    SweepTransfers,
    /// What Weibo told long ago.
    SweepNotices,
    /// What it asked about cards long ago.
    SweepCards,
    /// What Weibo pushed of fans, once it cannot come again.
    SweepPushes,
    CheckMoneyOfLate,
    /// Asked each hour, done once a day: whoever is started again does not begin anew.
    CheckAllMoney,
    /// Yesterday, beside Weibo's books.
    Reconcile,
    /// Asked each hour, done once a day.
    ReadSubscribers,
    /// Whose goods are there again, or cost less.
    TellReminders,
    /// The names of those who wrote of late.
    LookUpFans,
    /// What fans sent long ago.
    SweepMedia,
    /// What was sent so long ago that it must be with its buyer.
    ReceiveOrders,
    /// What partners have earned, and what went back since.
    WorkOutCommission,
}

impl Worker {
    /// Works until the program ends. A job that panics is tried again; the others go on.
    pub async fn run(self) {
        for &(what, every) in RECURRING {
            tokio::spawn(self.clone().repeat(what, every));
        }
        // Several hands: one that waits for Weibo does not keep the others from working.
        for _ in 1..HANDS {
            tokio::spawn(self.clone().take_jobs());
        }
        self.take_jobs().await;
    }

    /// Follows the database's clock and settings until the program ends: a server without a worker needs
    /// them too.
    pub async fn keep_up(self) {
        let needed = |what: &Recurring| matches!(what, Recurring::AgreeOnTime | Recurring::FollowSettings);
        let all = RECURRING.iter().filter(|(what, _)| needed(what));
        join_all(all.map(|&(what, every)| self.clone().repeat(what, every))).await;
    }

    async fn repeat(self, what: Recurring, every: Duration) {
        let mut ticks = tokio::time::interval(every);
        loop {
            ticks.tick().await;
            let worker = self.clone();
            // In a task of its own, so that a panic does not end what comes round.
            let done = tokio::spawn(async move { worker.tick(what).await }).await;
            let failed = match done {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => format!("{error:#}"),
                Err(panic) => panic.to_string(),
            };
            tracing::warn!(?what, failed, "recurring work failed");
        }
    }

    async fn take_jobs(self) {
        loop {
            match self.work_one().await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(error = format!("{error:#}"), "the queue cannot be read"),
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Runs one job that is due; false when there was none.
    pub async fn work_one(&self) -> anyhow::Result<bool> {
        let Some(taken) = jobs::take(&self.db, self.clock.now()).await? else { return Ok(false) };
        let outcome = self.try_job(&taken).await;
        if let Outcome::GiveUp { why } = &outcome {
            tracing::error!(job = ?taken.job, why, "job given up");
        }
        jobs::finish(&self.db, &taken, &outcome, self.clock.now()).await?;
        Ok(true)
    }

    /// An error or a panic is a reason to try again, later each time.
    async fn try_job(&self, taken: &Taken) -> Outcome {
        let (worker, job) = (self.clone(), taken.job.clone());
        let done = tokio::spawn(async move { worker.perform(&job).await }).await;
        let why = match done {
            Ok(Ok(outcome)) => return outcome,
            Ok(Err(error)) => format!("{error:#}"),
            Err(panic) => format!("{panic}"),
        };
        tracing::warn!(job = ?taken.job, tries = taken.tries, why, "job failed");
        let wait = Span::seconds(5i64 << taken.tries.clamp(0, 9)).min(Span::hours(1));
        Outcome::Retry { at: self.clock.now() + wait, why }
    }

    async fn perform(&self, job: &Job) -> anyhow::Result<Outcome> {
        match *job {
            Job::CloseUnpaidOrder { order } => {
                let terms = self.current.terms(&self.db).await?;
                payments::close_unpaid(&self.db, terms.weibo().ok(), OrderId(order), &self.clock).await
            }
            Job::AskWeibo { attempt } => {
                payments::ask(&self.db, &self.weibo().await?, AttemptId(attempt), &self.clock).await
            }
            Job::Refund { refund } => {
                let weibo = self.weibo().await?;
                payments::pursue(&self.db, &weibo, &self.callbacks.refund, RefundId(refund), &self.clock)
                    .await
            }
            Job::TellOfParcel { parcel } => telling::tell_of_parcel(&self.db, parcel, &self.clock).await,
            Job::TellOfReceipt { order } => {
                telling::tell_of_receipt(&self.db, OrderId(order), &self.clock).await
            }
            Job::TellBuyer { message } => {
                if self.tell_as_fan(MessageId(message)).await? {
                    return Ok(Outcome::Done);
                }
                let weibo = self.weibo().await?;
                telling::tell(&self.db, &weibo, &self.callbacks, MessageId(message), &self.clock).await
            }
            Job::MindShelf { product } => {
                catalog::mind_shelf(&self.db, ProductId(product), &self.clock).await
            }
            Job::Transfer { transfer } => transfers::work(&self.db, TransferId(transfer), &self.clock).await,
            Job::CheckMoney => {
                payments::examine(&self.db, true, self.clock.now()).await?;
                Ok(Outcome::Done)
            }
            Job::Reconcile { reconciliation } => self.reconcile(ReconciliationId(reconciliation)).await,
            Job::RevokeToken { revocation } => {
                let (weibo, id) = (self.weibo().await?, RevocationId(revocation));
                customers::revoke(&self.db, &weibo, &self.keys, id, &self.clock).await
            }
            Job::CheckToken { customer } => {
                let (weibo, id) = (self.weibo().await?, CustomerId(customer));
                customers::check_token(&self.db, &weibo, &self.keys, id, &self.clock).await
            }
            Job::SendBroadcast { broadcast } => self.send_broadcast(broadcast).await,
            Job::ReadSubscribers { list } => self.read_subscribers(list).await,
            Job::WakeConversation { fan } => fans::desk::wake(&self.db, fan, self.clock.now()).await,
            Job::PublishPost { post } => self.publish(post).await,
            Job::LookUpFan { uid } => fans::look_up(&self.db, &self.weibo().await?, uid, &self.clock).await,
            Job::FindRepost { order } => self.find_repost(order).await,
            Job::CheckGift { claim } => self.check_gift(claim).await,
            Job::SayToFan { message } => {
                let terms = self.current.terms(&self.db).await?;
                let id = fans::MessageId(message);
                let outcome = fans::send(&self.db, terms.weibo().ok(), id, &self.clock).await?;
                self.follow_handed(message).await?;
                Ok(outcome)
            }
        }
    }

    async fn reconcile(&self, id: ReconciliationId) -> anyhow::Result<Outcome> {
        let terms = self.current.terms(&self.db).await?;
        reconciliation::work(&self.db, terms.weibo().ok(), id, &self.clock).await
    }

    /// Without Weibo's keys the job waits, and is tried again.
    async fn weibo(&self) -> anyhow::Result<weibo::Client> {
        let terms = self.current.terms(&self.db).await?;
        terms.weibo().cloned().map_err(|lack| anyhow::anyhow!("Weibo's keys are missing: {:?}", lack.missing))
    }

    async fn tick(&self, what: Recurring) -> anyhow::Result<()> {
        match what {
            Recurring::AgreeOnTime => {
                let behind = self.clock.agree_with(db::time(&self.db).await?);
                if behind.abs() > Span::seconds(30) {
                    tracing::warn!(seconds = behind.whole_seconds(), "this machine's clock is wrong");
                }
            }
            Recurring::FollowSettings => {
                self.current.look_again(&self.db).await?;
            }
            Recurring::SweepSessions => {
                customers::sweep_sessions(&self.db, self.clock.now()).await?;
                customers::sweep_sign_ins(&self.db, self.clock.now()).await?;
                customers::touches::sweep(&self.db, self.clock.now()).await?;
                staff::sweep(&self.db, self.clock.now()).await?;
            }
            Recurring::CheckStock => drop(catalog::stock::compare(&self.db, self.clock.now()).await?),
            Recurring::IndexProducts => {
                catalog::search::catch_up(&self.db).await?;
            }
            Recurring::FoldFigures => self.fold_figures().await?,
            Recurring::FoldRelations => self.fold_relations().await?,
            Recurring::CheckFigures => self.check_figures().await?,
            Recurring::SweepPictures => {
                let gone = catalog::pictures::sweep(&self.db, &self.files, self.clock.now()).await?;
                tracing::info!(gone, "pictures that nobody names are swept");
            }
            Recurring::SweepNotices => {
                payments::sweep_notices(&self.db, self.clock.now()).await?;
            }
            Recurring::SweepCards => {
                sharing::cards::sweep(&self.db, self.clock.now()).await?;
                sharing::funnel::sweep(&self.db, self.clock.now()).await?;
            }
            Recurring::LookUpFans => {
                let terms = self.current.terms(&self.db).await?;
                if terms.weibo().is_ok_and(|weibo| weibo.fans().is_some()) {
                    fans::look_up_due(&self.db, self.clock.now()).await?;
                }
            }
            Recurring::SweepMedia => {
                fans::media::sweep(&self.db, &self.files, self.clock.now()).await?;
            }
            Recurring::SweepPushes => fans::sweep(&self.db, self.clock.now()).await?,
            Recurring::CheckMoneyOfLate => self.check_money(false).await?,
            Recurring::CheckAllMoney => self.check_money(true).await?,
            Recurring::Reconcile => {
                reconciliation::begin_yesterday(&self.db, self.clock.now()).await?;
                reconciliation::sweep(&self.db, self.clock.now()).await?;
            }
            Recurring::ReadSubscribers => self.read_subscribers_when_due().await?,
            Recurring::ReceiveOrders => self.receive_orders().await?,
            Recurring::WorkOutCommission => partners::work_out(&self.db, self.clock.now()).await?,
            Recurring::TellReminders => self.tell_reminders().await?,
            Recurring::SweepTransfers => transfers::sweep(&self.db, self.clock.now()).await?,
        }
        Ok(())
    }

    /// Looks whether the money adds up, as it comes round by itself.
    pub async fn check_money(&self, whole: bool) -> anyhow::Result<()> {
        payments::examine_when_due(&self.db, whole, self.clock.now()).await?;
        Ok(())
    }

    /// Counts orders as received whose time is over, as it comes round by itself.
    pub async fn receive_orders(&self) -> anyhow::Result<()> {
        orders::receive_due(&self.db, self.clock.now()).await
    }
}
