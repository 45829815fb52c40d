-- Migration: updated_at keeps itself
-- Version: 20250127_110000
-- Description: A trigger writes updated_at, so that no statement forgets it
-- Dependencies: ["20250120_140000_schema_orders"]
-- ============= UP MIGRATION =============
CREATE FUNCTION shop.touch_updated_at() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

CREATE TRIGGER customers_touch BEFORE UPDATE ON shop.customers
    FOR EACH ROW EXECUTE FUNCTION shop.touch_updated_at();
CREATE TRIGGER products_touch BEFORE UPDATE ON shop.products
    FOR EACH ROW EXECUTE FUNCTION shop.touch_updated_at();
CREATE TRIGGER orders_touch BEFORE UPDATE ON shop.orders
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION shop.touch_updated_at();

-- ============= DOWN MIGRATION ============
DROP TRIGGER orders_touch ON shop.orders;
DROP TRIGGER products_touch ON shop.products;
DROP TRIGGER customers_touch ON shop.customers;
DROP FUNCTION shop.touch_updated_at();
