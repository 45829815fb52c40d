-- Migration: Find the orders of a customer
-- Version: 20250303_091500
-- Description: Built without blocking writes, so it runs outside a transaction
-- Dependencies: ["20250120_140000_schema_orders"]
-- ============= UP MIGRATION =============
CREATE INDEX CONCURRENTLY orders_customer_placed_idx ON shop.orders (customer_id, placed_at DESC);
CREATE INDEX CONCURRENTLY orders_open_idx ON shop.orders (placed_at) WHERE status IN ('placed', 'paid');

-- ============= DOWN MIGRATION ============
DROP INDEX CONCURRENTLY shop.orders_open_idx;
DROP INDEX CONCURRENTLY shop.orders_customer_placed_idx;
