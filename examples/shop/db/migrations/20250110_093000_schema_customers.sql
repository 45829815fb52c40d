-- Migration: Customers
-- Version: 20250110_093000
-- Description: People who have an account
-- Dependencies: ["20250110_090000_schema_foundation"]
-- ============= UP MIGRATION =============
CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email shop.email NOT NULL,
    display_name text NOT NULL,
    country char(2) NOT NULL DEFAULT 'DE',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customers_country_upper CHECK (country = upper(country))
);
CREATE UNIQUE INDEX customers_email_key ON shop.customers (lower(email));

COMMENT ON TABLE shop.customers IS 'One row per account; guests have none';
COMMENT ON COLUMN shop.customers.country IS 'ISO 3166-1 alpha-2';

-- ============= DOWN MIGRATION ============
DROP TABLE shop.customers;
