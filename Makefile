# Everything here installs what it needs and may be run again.
.PHONY: run test check bench soak storm fuzz queries audit
.DEFAULT_GOAL := run

# A whole shop to try: private Postgres, demo goods, sandbox. Ctrl-C stops it.
run:
	@.ci/install run
	@echo "Building Weipu; the first time takes a few minutes …"
	@cargo build --locked
	@exec target/debug/weipu demo

# All tests: real Postgres, real Chromium, the sandbox over real HTTP.
test:
	@.ci/install test
	cargo test --locked

# What must be green before anything lands.
check:
	@.ci/install test
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	.ci/queries --check
	.ci/audit
	$(MAKE) test
	.ci/fuzz

# The ratios of the release build against its bounds.
bench:
	@.ci/install bench
	cargo build --release --locked --bin weipu --example hello
	.ci/bench

# A shop that is killed while it sells and gives back, for a minute or WEIPU_SOAK_SECONDS; fails when a fen is missing.
soak:
	@.ci/install run
	cargo test --locked --test soak

# Fans who write to a shop that is killed meanwhile; fails when a message is lost or answered twice.
storm:
	@.ci/install run
	cargo test --locked --test storm

# What strangers write, fed with anything: a minute for each target.
fuzz:
	@.ci/install run
	.ci/fuzz 60

# Renews .sqlx/ after a change to a query or a migration.
queries:
	@.ci/install run
	.ci/queries

audit:
	.ci/audit
