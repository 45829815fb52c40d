-- Migration: Goods come back
-- Version: 20250325_104500
-- Description: Returned goods are a reason of their own
-- Dependencies: ["20250317_160000_schema_stock_movements"]
-- ============= UP MIGRATION =============
ALTER TYPE shop.movement_reason ADD VALUE 'return' AFTER 'sale';

-- ============= DOWN MIGRATION ============
-- An enum value cannot be dropped, so the type is made anew.
ALTER TYPE shop.movement_reason RENAME TO movement_reason_with_return;
CREATE TYPE shop.movement_reason AS ENUM ('purchase', 'sale', 'correction');
ALTER TABLE shop.stock_movements ALTER COLUMN reason TYPE shop.movement_reason
    USING replace(reason::text, 'return', 'correction')::shop.movement_reason;
DROP TYPE shop.movement_reason_with_return;
