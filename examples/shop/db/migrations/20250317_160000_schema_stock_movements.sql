-- Migration: Stock movements
-- Version: 20250317_160000
-- Description: One row per piece in or out, partitioned by quarter
-- Dependencies: ["20250114_101500_schema_products"]
-- ============= UP MIGRATION =============
CREATE TYPE shop.movement_reason AS ENUM ('purchase', 'sale', 'correction');

CREATE TABLE shop.stock_movements (
    product_id bigint NOT NULL REFERENCES shop.products (id),
    moved_at timestamptz NOT NULL DEFAULT now(),
    reason shop.movement_reason NOT NULL,
    quantity integer NOT NULL CHECK (quantity <> 0),
    note text
) PARTITION BY RANGE (moved_at);

CREATE INDEX stock_movements_product_idx ON shop.stock_movements (product_id, moved_at);

CREATE TABLE shop.stock_movements_2025_q1 PARTITION OF shop.stock_movements
    FOR VALUES FROM ('2025-01-01 00:00:00+00') TO ('2025-04-01 00:00:00+00');
CREATE TABLE shop.stock_movements_2025_q2 PARTITION OF shop.stock_movements
    FOR VALUES FROM ('2025-04-01 00:00:00+00') TO ('2025-07-01 00:00:00+00');
CREATE TABLE shop.stock_movements_rest PARTITION OF shop.stock_movements DEFAULT;

GRANT SELECT, INSERT ON shop.stock_movements TO shop_app;

-- ============= DOWN MIGRATION ============
DROP TABLE shop.stock_movements;
DROP TYPE shop.movement_reason;
