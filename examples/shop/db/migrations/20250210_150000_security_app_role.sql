-- Migration: The application's role
-- Version: 20250210_150000
-- Description: The web application connects as shop_app, not as the owner
-- Dependencies: ["20250120_140000_schema_orders"]
-- ============= UP MIGRATION =============
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_app') THEN
        CREATE ROLE shop_app NOLOGIN;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA shop TO shop_app;
GRANT SELECT, INSERT, UPDATE ON shop.customers, shop.orders, shop.order_lines TO shop_app;
GRANT DELETE ON shop.order_lines TO shop_app;
GRANT SELECT ON shop.categories, shop.products TO shop_app;

-- ============= DOWN MIGRATION ============
-- The role itself stays: other databases of the server may use it.
REVOKE SELECT ON shop.categories, shop.products FROM shop_app;
REVOKE SELECT, INSERT, UPDATE, DELETE ON shop.customers, shop.orders, shop.order_lines FROM shop_app;
REVOKE USAGE ON SCHEMA shop FROM shop_app;
