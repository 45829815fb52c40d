-- Migration: What an order costs
-- Version: 20250401_101000
-- Description: The one place that computes an order's total
-- Dependencies: ["20250120_140000_schema_orders"]
-- ============= UP MIGRATION =============
CREATE FUNCTION shop.order_total(order_id bigint) RETURNS numeric
    LANGUAGE sql
    STABLE
AS $$
    SELECT round(sum(l.quantity * l.unit_price) * (1 - o.discount), 2)
    FROM shop.orders o
    JOIN shop.order_lines l ON l.order_id = o.id
    WHERE o.id = order_total.order_id
    GROUP BY o.id
$$;
COMMENT ON FUNCTION shop.order_total(bigint) IS 'In the order''s currency, discount taken off; null without lines';

REVOKE EXECUTE ON FUNCTION shop.order_total(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.order_total(bigint) TO shop_app;

-- ============= DOWN MIGRATION ============
DROP FUNCTION shop.order_total(bigint);
