-- Migration: Orders
-- Version: 20250120_140000
-- Description: Orders and their lines
-- Dependencies: ["20250110_093000_schema_customers", "20250114_101500_schema_products"]
-- ============= UP MIGRATION =============
CREATE TABLE shop.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES shop.customers (id),
    status shop.order_status NOT NULL DEFAULT 'placed',
    currency char(3) NOT NULL DEFAULT 'EUR',
    discount numeric(5, 4) NOT NULL DEFAULT 0,
    placed_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_discount_is_a_share CHECK (discount >= 0 AND discount < 1)
);

CREATE TABLE shop.order_lines (
    order_id bigint NOT NULL REFERENCES shop.orders (id) ON DELETE CASCADE,
    line smallint NOT NULL,
    product_id bigint NOT NULL REFERENCES shop.products (id),
    quantity integer NOT NULL,
    unit_price numeric(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line),
    CONSTRAINT order_lines_quantity_positive CHECK (quantity > 0)
);
CREATE INDEX order_lines_product_idx ON shop.order_lines (product_id);

COMMENT ON COLUMN shop.orders.discount IS 'Share of the sum, 0.1 is ten percent';

-- ============= DOWN MIGRATION ============
DROP TABLE shop.order_lines;
DROP TABLE shop.orders;
