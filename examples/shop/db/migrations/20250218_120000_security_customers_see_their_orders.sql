-- Migration: Customers see their own orders
-- Version: 20250218_120000
-- Description: Row security on orders, by the customer that the session names
-- Dependencies: ["20250210_150000_security_app_role"]
-- ============= UP MIGRATION =============
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_orders ON shop.orders TO shop_app
    USING (customer_id = current_setting('shop.customer_id', true)::bigint)
    WITH CHECK (customer_id = current_setting('shop.customer_id', true)::bigint);

-- ============= DOWN MIGRATION ============
DROP POLICY own_orders ON shop.orders;
ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY;
