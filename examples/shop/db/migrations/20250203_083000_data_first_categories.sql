-- Migration: The first categories
-- Version: 20250203_083000
-- Description: What the shop sold on its first day
-- Dependencies: ["20250114_101500_schema_products"]
-- ============= UP MIGRATION =============
INSERT INTO shop.categories (slug) VALUES ('tools'), ('materials'), ('books');
INSERT INTO shop.categories (slug, parent_id)
SELECT 'levels', id FROM shop.categories WHERE slug = 'tools';

-- ============= DOWN MIGRATION ============
DELETE FROM shop.categories WHERE slug = 'levels';
DELETE FROM shop.categories WHERE slug IN ('tools', 'materials', 'books');
