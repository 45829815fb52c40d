-- What happened to the live database between two releases, without a migration. scripts/demo runs it with psql.

-- A slow Monday: somebody cleaned up "unused" indexes.
DROP INDEX shop.orders_customer_placed_idx;

-- Marketing needed a column before the release.
ALTER TABLE shop.customers ADD COLUMN loyalty_tier text;

-- The first orders from overseas.
ALTER TABLE shop.orders ALTER COLUMN currency SET DEFAULT 'USD';

-- "Just to see whether the policy is the problem."
ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY;

-- A clean-up job that was never written.
GRANT DELETE ON shop.customers TO shop_app;

-- A hot fix of the total: the discount is gone.
CREATE OR REPLACE FUNCTION shop.order_total(order_id bigint) RETURNS numeric
    LANGUAGE sql
    STABLE
AS $$
    SELECT round(sum(l.quantity * l.unit_price), 2)
    FROM shop.orders o
    JOIN shop.order_lines l ON l.order_id = o.id
    WHERE o.id = order_total.order_id
    GROUP BY o.id
$$;

-- An import of returns brought negative quantities.
ALTER TABLE shop.order_lines DROP CONSTRAINT order_lines_quantity_positive;

-- The support desk wanted to park orders.
ALTER TYPE shop.order_status ADD VALUE 'on_hold' AFTER 'placed';
