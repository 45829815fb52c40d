-- Migration: Product reviews
-- Version: 20250602_090000
-- Description: Stars and a text, once per customer and product
-- Dependencies: ["20250110_093000_schema_customers", "20250114_101500_schema_products"]
-- Phase: expand
-- ============= UP MIGRATION =============
CREATE TABLE shop.product_reviews (
    product_id bigint NOT NULL REFERENCES shop.products (id) ON DELETE CASCADE,
    customer_id bigint NOT NULL REFERENCES shop.customers (id),
    stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    body text,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (product_id, customer_id)
);
GRANT SELECT, INSERT, UPDATE ON shop.product_reviews TO shop_app;

-- ============= DOWN MIGRATION ============
DROP TABLE shop.product_reviews;
