#include "snapshot/kinds.h"

#include <array>
#include <unordered_map>

#include "postgres/error.h"
#include "snapshot/kinds/declarations.h"

namespace plumbline {

namespace {

constexpr auto ordered = std::to_array<const Kind*>({
    &kinds::database,
    &kinds::database_setting,
    &kinds::role,
    &kinds::membership,
    &kinds::role_setting,
    &kinds::tablespace,
    &kinds::parameter_privileges,
    &kinds::schema,
    &kinds::extension,
    &kinds::access_method,
    &kinds::language,
    &kinds::enum_type,
    &kinds::domain,
    &kinds::composite,
    &kinds::range_type,
    &kinds::base_type,
    &kinds::collation,
    &kinds::foreign_data_wrapper,
    &kinds::server,
    &kinds::user_mapping,
    &kinds::sequence,
    &kinds::table,
    &kinds::foreign_table,
    &kinds::column,
    &kinds::column_default,
    &kinds::constraint,
    &kinds::not_null_constraint,
    &kinds::index,
    &kinds::view,
    &kinds::materialized_view,
    &kinds::function,
    &kinds::procedure,
    &kinds::aggregate,
    &kinds::operator_kind,
    &kinds::operator_family,
    &kinds::operator_class,
    &kinds::cast,
    &kinds::transform,
    &kinds::conversion,
    &kinds::text_search_parser,
    &kinds::text_search_template,
    &kinds::text_search_dictionary,
    &kinds::text_search_configuration,
    &kinds::statistics,
    &kinds::trigger,
    &kinds::rule,
    &kinds::policy,
    &kinds::event_trigger,
    &kinds::publication,
    &kinds::publication_table,
    &kinds::publication_schema,
    &kinds::subscription,
    &kinds::default_privileges,
    &kinds::security_label,
    &kinds::implicit_object,
    &kinds::system_object,
    &kinds::system_catalog,
});

}  // namespace

std::span<const Kind* const> all_kinds() { return ordered; }

std::size_t kind_rank(const Kind& kind) {
  static const auto ranks = [] {
    std::unordered_map<const Kind*, std::size_t> result;
    for (std::size_t rank = 0; rank < ordered.size(); ++rank) result.emplace(ordered[rank], rank);
    return result;
  }();
  // A kind that is not listed (a test's own) comes last; such kinds are ordered among themselves by address.
  const auto found = ranks.find(&kind);
  return found != ranks.end() ? found->second : ordered.size() + reinterpret_cast<std::size_t>(&kind);
}

const Kind* find_kind(std::string_view name) {
  for (const Kind* kind : ordered) {
    if (kind->name == name) return kind;
  }
  return nullptr;
}

bool is_namespace(std::string_view kind) {
  const Kind* found = find_kind(kind);
  return found && found->is_namespace;
}

std::size_t attribute_index(const Kind& kind, std::string_view attribute) {
  for (std::size_t i = 0; i < kind.attributes.size(); ++i) {
    if (kind.attributes[i].name == attribute) return i;
  }
  throw Error("a " + std::string(kind.label) + " has no attribute \"" + std::string(attribute) + "\"",
              "The file may come from another version of plumbline.");
}

}  // namespace plumbline
