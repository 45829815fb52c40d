#pragma once

#include "snapshot/kind.h"

// Every kind, one file each beside this one. kinds.cpp holds them in order.
namespace plumbline::kinds {

extern const Kind schema;
extern const Kind extension;
extern const Kind enum_type;
extern const Kind domain;
extern const Kind composite;
extern const Kind range_type;
extern const Kind sequence;
extern const Kind table;
extern const Kind foreign_table;
extern const Kind column;
extern const Kind column_default;
extern const Kind constraint;
extern const Kind index;
extern const Kind view;
extern const Kind materialized_view;
extern const Kind function;
extern const Kind procedure;
extern const Kind aggregate;
extern const Kind trigger;
extern const Kind rule;
extern const Kind policy;

}  // namespace plumbline::kinds
