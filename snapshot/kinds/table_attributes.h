#pragma once

#include "snapshot/kind.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"
#include "snapshot/kinds/table_sql.h"

// The attributes that tables and foreign tables have in common; their queries call the row of pg_class c.
namespace plumbline::kinds {

inline constexpr Attribute inherits_attribute{
    .name = "inherits",
    .sql =
        "CASE WHEN NOT c.relispartition THEN (SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY"
        " i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = c.oid) END",
    .late = true,
    .lets_go = true,
    .alter = alter_inherits};

inline constexpr Attribute partition_of_attribute{
    .name = "partition_of",
    .sql =
        "CASE WHEN c.relispartition THEN (SELECT i.inhparent::regclass FROM pg_inherits i"
        " WHERE i.inhrelid = c.oid) END",
    .late = true,
    .initial = "",
    .alter = attach_partition};

inline constexpr Attribute partition_bound_attribute{.name = "partition_bound",
                                                     .sql = "pg_get_expr(c.relpartbound, c.oid)",
                                                     .form = Form::expression,
                                                     .late = true,
                                                     .set_anew = true,
                                                     .initial = "",
                                                     .alter = attach_partition};

inline constexpr Attribute partition_detach_pending_attribute{
    .name = "partition_detach_pending",
    .sql = PLUMBLINE_FLAG("c.relispartition AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid"
                          " AND i.inhdetachpending)"),
    .since = 14,
    .meaning = Class::operational,
    .alter = alter_nothing};

// Of a child only its own columns: a restore puts those of its parents first, in the parents' order. An array
// keeps the order of the index; string_agg would sort for each table.
inline constexpr Attribute column_order_attribute{
    .name = "column_order",
    .sql =
        "array_to_string(ARRAY(SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = c.oid"
        " AND attnum > 0 AND NOT attisdropped AND (attinhcount = 0 OR c.relispartition) ORDER BY attnum),"
        " ',')",
    .form = Form::order,
    .meaning = Class::cosmetic,
    .alter = alter_nothing};

}  // namespace plumbline::kinds
