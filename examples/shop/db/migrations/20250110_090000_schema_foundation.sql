-- Migration: The shop's schema
-- Version: 20250110_090000
-- Description: The schema, its types, and what an e-mail address looks like
-- Dependencies: []
-- ============= UP MIGRATION =============
CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS 'Customers, products and orders of the web shop';

CREATE TYPE shop.order_status AS ENUM ('placed', 'paid', 'shipped', 'delivered', 'cancelled');

CREATE DOMAIN shop.email AS text
    CONSTRAINT email_has_an_at CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+$');

-- ============= DOWN MIGRATION ============
DROP DOMAIN shop.email;
DROP TYPE shop.order_status;
DROP SCHEMA shop;
