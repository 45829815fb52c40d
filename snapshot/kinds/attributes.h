#pragma once

#include <string_view>

#include "snapshot/kind.h"
#include "snapshot/kinds/shared.h"
#include "snapshot/kinds/sql.h"

// The lines of an attribute table that many kinds have word for word: how the attribute is called, what it
// means and how it is altered stands here once, the catalogue expression comes from the kind.
namespace plumbline::kinds {

constexpr Attribute owner_attribute(std::string_view sql) {
  return {
      .name = "owner", .sql = sql, .meaning = Class::security, .initial = its_creator, .alter = alter_owner};
}

constexpr Attribute privileges_attribute(std::string_view sql) {
  return {.name = "privileges",
          .sql = sql,
          .meaning = Class::security,
          .initial = "(by default)",  // which ALTER DEFAULT PRIVILEGES decides
          .alter = alter_privileges};
}

constexpr Attribute comment_attribute(std::string_view sql) {
  return {.name = "comment", .sql = sql, .meaning = Class::cosmetic, .initial = "", .alter = alter_comment};
}

// Of what comes with another object.
constexpr Attribute late_comment_attribute(std::string_view sql) {
  Attribute result = comment_attribute(sql);
  result.late = true;
  return result;
}

constexpr Attribute shared_labels_attribute(std::string_view sql) {
  return {.name = "security_labels",
          .sql = sql,
          .meaning = Class::security,
          .initial = "",
          .alter = alter_shared_labels};
}

constexpr Attribute depends_on_extension_attribute(std::string_view sql) {
  return {.name = "depends_on_extension",
          .sql = sql,
          .meaning = Class::operational,
          .late = true,
          .initial = "",
          .alter = alter_depends_on_extension};
}

}  // namespace plumbline::kinds
