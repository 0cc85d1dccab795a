# 资金：退款、待退款项、存疑的通知。

tab-money-overview = 概览
tab-money-refunds = 退款
tab-money-notices = 存疑通知
tab-money-reconciliations = 对账
tab-money-checks = 检查
