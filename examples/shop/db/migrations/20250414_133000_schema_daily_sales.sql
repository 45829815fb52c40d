-- Migration: Daily sales
-- Version: 20250414_133000
-- Description: What the morning report reads
-- Dependencies: ["20250401_101000_schema_order_total"]
-- ============= UP MIGRATION =============
CREATE VIEW shop.daily_sales WITH (security_barrier) AS
SELECT o.placed_at::date AS day,
       o.currency,
       count(*) AS orders,
       sum(shop.order_total(o.id)) AS revenue
FROM shop.orders o
WHERE o.status <> 'cancelled'
GROUP BY o.placed_at::date, o.currency;

COMMENT ON VIEW shop.daily_sales IS 'Revenue per day and currency, cancelled orders left out';

-- ============= DOWN MIGRATION ============
DROP VIEW shop.daily_sales;
