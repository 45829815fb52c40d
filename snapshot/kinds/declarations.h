#pragma once

#include "snapshot/kind.h"

// Every kind, one file each beside this one. kinds.cpp holds them in order.
namespace plumbline::kinds {

extern const Kind database;
extern const Kind database_setting;
extern const Kind role;
extern const Kind membership;
extern const Kind role_setting;
extern const Kind tablespace;
extern const Kind parameter_privileges;
extern const Kind schema;
extern const Kind extension;
extern const Kind access_method;
extern const Kind language;
extern const Kind enum_type;
extern const Kind domain;
extern const Kind composite;
extern const Kind range_type;
extern const Kind base_type;
extern const Kind collation;
extern const Kind foreign_data_wrapper;
extern const Kind server;
extern const Kind user_mapping;
extern const Kind sequence;
extern const Kind table;
extern const Kind foreign_table;
extern const Kind column;
extern const Kind column_default;
extern const Kind constraint;
extern const Kind not_null_constraint;
extern const Kind index;
extern const Kind view;
extern const Kind materialized_view;
extern const Kind function;
extern const Kind procedure;
extern const Kind aggregate;
extern const Kind operator_kind;
extern const Kind operator_family;
extern const Kind operator_class;
extern const Kind cast;
extern const Kind transform;
extern const Kind conversion;
extern const Kind text_search_parser;
extern const Kind text_search_template;
extern const Kind text_search_dictionary;
extern const Kind text_search_configuration;
extern const Kind statistics;
extern const Kind trigger;
extern const Kind rule;
extern const Kind policy;
extern const Kind event_trigger;
extern const Kind publication;
extern const Kind publication_table;
extern const Kind publication_schema;
extern const Kind subscription;
extern const Kind default_privileges;
extern const Kind security_label;
extern const Kind implicit_object;
extern const Kind system_object;
extern const Kind system_catalog;

}  // namespace plumbline::kinds
