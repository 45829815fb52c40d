#include "expected/information_schema.h"

namespace plumbline {

namespace {

#define DATABASE "the name of the database"
#define COLUMN_NUMBER "the column's number, which counts columns that were dropped"
#define CHARACTER_SET "character_set_catalog character_set_schema character_set_name"
#define SCOPE "scope_catalog scope_schema scope_name maximum_cardinality"
#define TYPE_MODIFIERS                                                                         \
  "character_maximum_length character_octet_length numeric_precision numeric_precision_radix " \
  "numeric_scale datetime_precision interval_type"
#define UNSTATED_MODIFIERS                                             \
  "character_maximum_length character_octet_length numeric_precision " \
  "numeric_precision_radix numeric_scale datetime_precision interval_type interval_precision"
#define COLLATION "collation_schema collation_name"
#define CHOSEN_KEY "which of several fitting keys a foreign key uses is chosen when it is made"
#define UPDATABLE \
  "follows from the query of a view; asks the wrapper of a foreign table, which may be missing"
#define HEIRS "also YES for a role that has the owner's rights"

struct Columns {
  using enum Published;
  static constexpr PublishedColumns read[] = {
      {"tables", key, "table_schema table_name"},
      {"tables", fact, "table_type user_defined_type_schema user_defined_type_name is_typed"},
      {"tables", left_out, "is_insertable_into", UPDATABLE},
      {"tables", database, "table_catalog user_defined_type_catalog"},
      {"tables", empty, "self_referencing_column_name reference_generation commit_action"},

      {"columns", key, "table_schema table_name column_name"},
      {"columns", fact,
       "is_nullable data_type " TYPE_MODIFIERS " " COLLATION
       " domain_schema domain_name udt_schema udt_name is_identity"
       " identity_generation identity_start identity_increment identity_maximum identity_minimum "
       "identity_cycle"
       " is_generated"},
      {"columns", spelling, "column_default generation_expression"},
      {"columns", left_out, "is_updatable", UPDATABLE},
      {"columns", arrangement, "ordinal_position", COLUMN_NUMBER},
      {"columns", left_out, "dtd_identifier", COLUMN_NUMBER},
      {"columns", database, "table_catalog collation_catalog domain_catalog udt_catalog"},
      {"columns", empty, "interval_precision " CHARACTER_SET " " SCOPE},
      {"columns", constant, "is_self_referencing"},

      {"domains", key, "domain_schema domain_name"},
      {"domains", fact, "data_type " TYPE_MODIFIERS " " COLLATION " udt_schema udt_name"},
      {"domains", presence, "domain_default",
       "names are qualified or not as the search_path of its CREATE was"},
      {"domains", database, "domain_catalog collation_catalog udt_catalog"},
      {"domains", empty, "interval_precision " CHARACTER_SET " " SCOPE},
      {"domains", constant, "dtd_identifier"},

      {"domain_constraints", key, "constraint_schema constraint_name domain_schema domain_name"},
      {"domain_constraints", fact, "is_deferrable initially_deferred"},
      {"domain_constraints", database, "constraint_catalog domain_catalog"},

      {"table_constraints", key, "constraint_schema constraint_name table_schema table_name"},
      {"table_constraints", fact, "constraint_type is_deferrable initially_deferred enforced nulls_distinct"},
      {"table_constraints", database, "constraint_catalog table_catalog"},

      {"check_constraints", key, "constraint_schema constraint_name"},
      {"check_constraints", spelling, "check_clause"},
      {"check_constraints", database, "constraint_catalog"},

      {"key_column_usage", key, "constraint_schema constraint_name table_schema table_name column_name"},
      {"key_column_usage", fact, "ordinal_position"},
      {"key_column_usage", arrangement, "position_in_unique_constraint", CHOSEN_KEY},
      {"key_column_usage", database, "constraint_catalog table_catalog"},

      {"referential_constraints", key, "constraint_schema constraint_name"},
      {"referential_constraints", fact, "match_option update_rule delete_rule"},
      {"referential_constraints", arrangement, "unique_constraint_schema unique_constraint_name", CHOSEN_KEY},
      {"referential_constraints", database, "constraint_catalog unique_constraint_catalog"},

      {"constraint_column_usage", key,
       "constraint_schema constraint_name table_schema table_name column_name"},
      {"constraint_column_usage", database, "constraint_catalog table_catalog"},

      {"triggers", key,
       "trigger_schema trigger_name event_manipulation event_object_schema event_object_table"},
      {"triggers", fact,
       "action_statement action_orientation action_timing action_reference_old_table"
       " action_reference_new_table"},
      {"triggers", spelling, "action_condition"},
      {"triggers", arrangement, "action_order",
       "follows from the names; from 15 on what a partition has from the whole counts"},
      {"triggers", database, "trigger_catalog event_object_catalog"},
      {"triggers", empty, "action_reference_old_row action_reference_new_row created"},

      {"routines", key, "specific_schema specific_name"},
      {"routines", fact,
       "routine_schema routine_name routine_type data_type type_udt_schema type_udt_name routine_body"
       " routine_definition external_name external_language is_deterministic is_null_call security_type"},
      {"routines", database, "specific_catalog routine_catalog type_udt_catalog"},
      {"routines", empty, UNSTATED_MODIFIERS " " CHARACTER_SET " collation_catalog " COLLATION},
      {"routines", empty,
       "module_catalog module_schema module_name udt_catalog udt_schema udt_name " SCOPE
       " sql_path is_user_defined_cast is_implicitly_invocable"
       " to_sql_specific_catalog to_sql_specific_schema to_sql_specific_name created last_altered"
       " new_savepoint_level result_cast_from_data_type result_cast_as_locator result_cast_char_max_length"
       " result_cast_char_octet_length result_cast_char_set_catalog result_cast_char_set_schema"
       " result_cast_char_set_name result_cast_collation_catalog result_cast_collation_schema"
       " result_cast_collation_name result_cast_numeric_precision result_cast_numeric_precision_radix"
       " result_cast_numeric_scale result_cast_datetime_precision result_cast_interval_type"
       " result_cast_interval_precision result_cast_type_udt_catalog result_cast_type_udt_schema"
       " result_cast_type_udt_name result_cast_scope_catalog result_cast_scope_schema result_cast_scope_name"
       " result_cast_maximum_cardinality result_cast_dtd_identifier"},
      {"routines", constant,
       "parameter_style sql_data_access schema_level_routine max_dynamic_result_sets as_locator"
       " is_udt_dependent"},
      {"routines", left_out, "dtd_identifier", "0, and NULL for a procedure"},

      {"parameters", key, "specific_schema specific_name ordinal_position"},
      {"parameters", fact, "parameter_mode parameter_name data_type udt_schema udt_name"},
      {"parameters", spelling, "parameter_default"},
      {"parameters", database, "specific_catalog udt_catalog"},
      {"parameters", empty, UNSTATED_MODIFIERS " " CHARACTER_SET " collation_catalog " COLLATION},
      {"parameters", empty, SCOPE},
      {"parameters", constant, "is_result as_locator"},
      {"parameters", left_out, "dtd_identifier", "the ordinal position once more"},

      {"views", key, "table_schema table_name"},
      {"views", fact, "check_option is_trigger_updatable is_trigger_deletable is_trigger_insertable_into"},
      {"views", spelling, "view_definition"},
      {"views", left_out, "is_updatable is_insertable_into", UPDATABLE},
      {"views", database, "table_catalog"},

      {"sequences", key, "sequence_schema sequence_name"},
      {"sequences", fact,
       "data_type numeric_precision start_value minimum_value maximum_value increment cycle_option"},
      {"sequences", database, "sequence_catalog"},
      {"sequences", constant, "numeric_precision_radix numeric_scale"},

      {"user_defined_types", key, "user_defined_type_schema user_defined_type_name"},
      {"user_defined_types", database, "user_defined_type_catalog"},
      {"user_defined_types", constant, "user_defined_type_category is_instantiable"},
      {"user_defined_types", empty,
       "is_final ordering_form ordering_category ordering_routine_catalog ordering_routine_schema"
       " ordering_routine_name reference_type data_type " UNSTATED_MODIFIERS " " CHARACTER_SET
       " collation_catalog " COLLATION " source_dtd_identifier ref_dtd_identifier"},

      {"attributes", key, "udt_schema udt_name attribute_name"},
      {"attributes", fact,
       "is_nullable data_type " TYPE_MODIFIERS " " COLLATION " attribute_udt_schema attribute_udt_name"},
      {"attributes", arrangement, "ordinal_position", COLUMN_NUMBER},
      {"attributes", left_out, "dtd_identifier", COLUMN_NUMBER},
      {"attributes", database, "udt_catalog collation_catalog attribute_udt_catalog"},
      {"attributes", empty, "attribute_default interval_precision " CHARACTER_SET " " SCOPE},
      {"attributes", constant, "is_derived_reference_attribute"},

      {"table_privileges", key, "table_schema table_name grantor grantee privilege_type"},
      {"table_privileges", fact, "is_grantable", HEIRS},
      {"table_privileges", database, "table_catalog"},
      {"table_privileges", left_out, "with_hierarchy", "YES for SELECT and NO for everything else"},

      {"column_privileges", key, "table_schema table_name column_name grantor grantee privilege_type"},
      {"column_privileges", fact, "is_grantable", HEIRS},
      {"column_privileges", database, "table_catalog"},

      {"routine_privileges", key, "specific_schema specific_name grantor grantee privilege_type"},
      {"routine_privileges", fact, "is_grantable", HEIRS},
      {"routine_privileges", fact, "routine_schema routine_name"},
      {"routine_privileges", database, "specific_catalog routine_catalog"},

      {"usage_privileges", key, "object_schema object_name object_type grantor grantee privilege_type"},
      {"usage_privileges", fact, "is_grantable", HEIRS},
      {"usage_privileges", database, "object_catalog"},

      {"udt_privileges", key, "udt_schema udt_name grantor grantee privilege_type"},
      {"udt_privileges", fact, "is_grantable", HEIRS},
      {"udt_privileges", database, "udt_catalog"},
  };
};

#define NOT_NULL_BY_MAJOR \
  "up to 17 it makes up a check for each column that is not null, from 18 on it shows the constraint"

constexpr PublishedView all_views[] = {
    {"tables", "relation", "table_schema", "table_name"},
    {"columns", "relation", "table_schema", "table_name"},
    {"domains", "type", "domain_schema", "domain_name"},
    {"domain_constraints", "type", "domain_schema", "domain_name", NOT_NULL_BY_MAJOR},
    {"table_constraints", "relation", "table_schema", "table_name", NOT_NULL_BY_MAJOR},
    {"check_constraints", "constraint", "constraint_schema", "constraint_name", NOT_NULL_BY_MAJOR},
    {"key_column_usage", "relation", "table_schema", "table_name"},
    {"referential_constraints", "constraint", "constraint_schema", "constraint_name"},
    {"constraint_column_usage", "relation", "table_schema", "table_name", NOT_NULL_BY_MAJOR},
    {"triggers", "relation", "event_object_schema", "event_object_table"},
    {"routines", "routine", "specific_schema", "specific_name"},
    {"parameters", "routine", "specific_schema", "specific_name"},
    {"views", "relation", "table_schema", "table_name"},
    {"sequences", "relation", "sequence_schema", "sequence_name"},
    {"user_defined_types", "type", "user_defined_type_schema", "user_defined_type_name"},
    {"attributes", "type", "udt_schema", "udt_name"},
    {"table_privileges", "relation", "table_schema", "table_name"},
    {"column_privileges", "relation", "table_schema", "table_name"},
    {"routine_privileges", "routine", "specific_schema", "specific_name"},
    {"usage_privileges", "", "object_schema", "object_name"},
    {"udt_privileges", "type", "udt_schema", "udt_name"},
};

#define GRANTS "rows of the view of privileges, those of the role that asks"
#define READ_ELSEWHERE "says again what a view that is read says"
#define DEPENDENCY "which objects a definition uses, and the definition is compared"
#define FOREIGN "options may hold secrets, and what is foreign has no other reader in the standard"

struct Unread {
  using enum Published;
  static constexpr PublishedColumns views[] = {
      {"role_table_grants", left_out, "", GRANTS},
      {"role_column_grants", left_out, "", GRANTS},
      {"role_routine_grants", left_out, "", GRANTS},
      {"role_usage_grants", left_out, "", GRANTS},
      {"role_udt_grants", left_out, "", GRANTS},
      {"column_domain_usage", left_out, "", READ_ELSEWHERE},
      {"column_udt_usage", left_out, "", READ_ELSEWHERE},
      {"domain_udt_usage", left_out, "", READ_ELSEWHERE},
      {"constraint_table_usage", left_out, "", READ_ELSEWHERE},
      {"data_type_privileges", left_out, "", READ_ELSEWHERE},
      {"element_types", left_out, "", READ_ELSEWHERE},
      {"check_constraint_routine_usage", left_out, "", DEPENDENCY},
      {"column_column_usage", left_out, "", DEPENDENCY},
      {"routine_column_usage", left_out, "", DEPENDENCY},
      {"routine_routine_usage", left_out, "", DEPENDENCY},
      {"routine_sequence_usage", left_out, "", DEPENDENCY},
      {"routine_table_usage", left_out, "", DEPENDENCY},
      {"triggered_update_columns", left_out, "", DEPENDENCY},
      {"view_column_usage", left_out, "", DEPENDENCY},
      {"view_routine_usage", left_out, "", DEPENDENCY},
      {"view_table_usage", left_out, "", DEPENDENCY},
      {"column_options", left_out, "", FOREIGN},
      {"foreign_data_wrapper_options", left_out, "", FOREIGN},
      {"foreign_data_wrappers", left_out, "", FOREIGN},
      {"foreign_server_options", left_out, "", FOREIGN},
      {"foreign_servers", left_out, "", FOREIGN},
      {"foreign_table_options", left_out, "", FOREIGN},
      {"foreign_tables", left_out, "", FOREIGN},
      {"user_mapping_options", left_out, "", FOREIGN},
      {"user_mappings", left_out, "", FOREIGN},
      {"_pg_foreign_data_wrappers", left_out, "", FOREIGN},
      {"_pg_foreign_servers", left_out, "", FOREIGN},
      {"_pg_foreign_table_columns", left_out, "", FOREIGN},
      {"_pg_foreign_tables", left_out, "", FOREIGN},
      {"_pg_user_mappings", left_out, "", FOREIGN},
      {"administrable_role_authorizations", left_out, "", "memberships are the cluster's"},
      {"applicable_roles", left_out, "", "memberships are the cluster's"},
      {"enabled_roles", left_out, "", "says who asks; read for that"},
      {"character_sets", left_out, "", "says the same of every database"},
      {"collation_character_set_applicability", left_out, "", "every collation, without what it does"},
      {"collations", left_out, "", "names of collations, which the view of usage privileges has"},
      {"information_schema_catalog_name", database, ""},
      {"schemata", left_out, "", "who owns the schema public differs between majors and services"},
      {"transforms", left_out, "", "names the routines of a transform, without their types"},
  };
};

#undef DATABASE
#undef COLUMN_NUMBER
#undef CHARACTER_SET
#undef SCOPE
#undef TYPE_MODIFIERS
#undef UNSTATED_MODIFIERS
#undef COLLATION
#undef CHOSEN_KEY
#undef UPDATABLE
#undef HEIRS
#undef NOT_NULL_BY_MAJOR
#undef GRANTS
#undef READ_ELSEWHERE
#undef DEPENDENCY
#undef FOREIGN

}  // namespace

std::span<const PublishedColumns> published_columns() { return Columns::read; }
std::span<const PublishedView> published_views() { return all_views; }
std::span<const PublishedColumns> unread_views() { return Unread::views; }

}  // namespace plumbline
