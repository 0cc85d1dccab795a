# Money: refunds, what has to go back, messages that are not believed.

tab-money-overview = Overview
tab-money-refunds = Refunds
tab-money-notices = Doubted messages
tab-money-reconciliations = Reconciliation
tab-money-checks = Checks
