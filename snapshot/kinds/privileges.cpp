#include "snapshot/kinds/privileges.h"

#include <algorithm>
#include <vector>

#include "postgres/text.h"
#include "snapshot/kind.h"
#include "snapshot/kinds/declarations.h"
#include "snapshot/kinds/sql.h"

namespace plumbline::kinds {

namespace {

// Splits at `separator` outside of double quotes.
std::vector<std::string> parts_of(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted || text.substr(at, separator.size()) != separator) continue;
    parts.emplace_back(text.substr(start, at - start));
    at += separator.size() - 1;
    start = at + 1;
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

// Only who holds the grant option can be the grantor.
void say(const Holder& holder, const std::string& statement, Script& out) {
  if (holder.grantor.empty()) return out.add(statement, {Hazard::authorisation});
  out.add("SET SESSION AUTHORIZATION " + holder.grantor);
  out.add(statement, {Hazard::authorisation});
  out.add("RESET SESSION AUTHORIZATION");
}

class Writer {
 public:
  Writer(const GrantTarget& target, const Grants& had, const Grants& has, Script& out)
      : target_(target), had_(had), has_(has), out_(out) {}

  void run() {
    for (const auto& [holder, held] : had_) {
      if (!has_.contains(holder)) take_all(holder, held);
    }
    for (const auto& [holder, held] : has_) give(holder, held);
  }

 private:
  bool is_owners_own(const Holder& holder) const {
    return !target_.owner.empty() && holder.grantee == target_.owner && holder.grantor.empty();
  }

  void revoke_all(const Holder& holder) {
    say(holder,
        target_.prefix + "REVOKE ALL" + target_.columns + " ON " + target_.on + " FROM " + holder.grantee,
        out_);
  }

  void take_all(const Holder& holder, const std::set<std::string>& held) {
    if (is_owners_own(holder)) {  // back to what an owner starts with
      grant(target_, holder, {"ALL"}, out_);
    } else if (!held.contains("none")) {
      revoke_all(holder);
      if (target_.after_revoke) target_.after_revoke(holder);
    }
  }

  void give(const Holder& holder, const std::set<std::string>& held) {
    const auto before = had_.find(holder);
    const bool is_new = before == had_.end();
    if (!is_new && before->second == held) return;
    const bool only_more = !is_new && std::ranges::includes(held, before->second);
    if ((!is_new && !only_more) || (is_new && is_owners_own(holder))) {
      revoke_all(holder);
      if (target_.after_revoke) target_.after_revoke(holder);
    }
    if (held.contains("none")) return;
    std::set<std::string> more;
    for (const std::string& privilege : held) {
      if (!only_more || !before->second.contains(privilege)) more.insert(privilege);
    }
    grant(target_, holder, more, out_);
  }

  const GrantTarget& target_;
  const Grants &had_, &has_;
  Script& out_;
};

// As ALTER DEFAULT PRIVILEGES calls such objects; empty: it knows none.
std::string_view default_word(const Kind& kind) {
  const std::string_view word = kind.grant_on.empty() ? kind.keyword : kind.grant_on;
  if (word == "TABLE") return "TABLES";
  if (word == "SEQUENCE") return "SEQUENCES";
  if (word == "TYPE" || word == "DOMAIN") return "TYPES";
  if (word == "SCHEMA") return "SCHEMAS";
  return kind.name_is_sql ? "FUNCTIONS" : "";
}

// What a new object of the creator's is born with, once it is the owner's. What changes in the same script
// may count or not: it is given and taken by name.
class BornWith {
 public:
  BornWith(const Change& change, const std::string& owner)
      : change_(change),
        owner_(owner),
        creator_(quote_identifier(change.scene.creator())),
        held_(grants_in("", change.expected.id().kind->open_to_public)) {}

  Grants run() {
    const std::string_view word = default_word(*change_.expected.id().kind);
    if (word.empty() || change_.scene.creator().empty()) return std::move(held_);
    const std::string role = "FOR ROLE " + creator_, on = std::string(" ON ").append(word);
    const std::string schema = quote_identifier(change_.expected.id().schema.view());
    apply(role + on, true);
    apply(std::string(role).append(" IN SCHEMA ").append(schema).append(on), false);
    return std::move(held_);
  }

 private:
  void apply(const std::string& name, bool instead) {
    const Snapshot& side = change_.scene.actual;
    for (std::size_t place = side.first_from({&default_privileges, {}, {}, {}}, 0);
         place < side.size() && side.id(place).kind == &default_privileges; ++place) {
      if (side.id(place).name.view() != name) continue;
      const std::string_view text = side[place]["privileges"];
      const auto later = change_.scene.expected.find(side.id(place));
      if (instead) held_.clear();
      if (!text.empty()) add(grants_in(text, false), later && (*later)["privileges"] == text);
    }
  }

  void add(const Grants& grants, bool stays) {
    for (const auto& [holder, held] : grants) {
      auto& has = held_[{holder.grantee == creator_ ? owner_ : holder.grantee, ""}];
      has.insert(held.begin(), held.end());
      if (!stays) has.insert("by default");
    }
  }

  const Change& change_;
  const std::string& owner_;
  const std::string creator_;
  Grants held_;
};

// That an owner holds nothing on the column alone means nothing.
Grants without_nothing(Grants grants) {
  std::erase_if(grants, [](const auto& entry) { return entry.second.contains("none"); });
  return grants;
}

std::string columns_of(const ObjectId& id) { return " (" + quote_identifier(id.name.view()) + ")"; }

void change_column(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  GrantTarget target{"", "TABLE " + parent_name(id), columns_of(id), "", {}};
  change_grants(target, without_nothing(grants_in(change.from("privileges"), false)),
                without_nothing(grants_in(change.to("privileges"), false)), out);
}

// REVOKE on a table takes the same privileges on its columns along.
void renew_columns(const Change& change, const GrantTarget& table, const Holder& holder, Script& out) {
  for (const Object& object : change.scene.expected.children(change.expected.id(), column)) {
    for (const auto& [other, held] : without_nothing(grants_in(object["privileges"], false))) {
      GrantTarget target{table.prefix, table.on, columns_of(object.id()), "", {}};
      if (other == holder && change.actual) grant(target, holder, held, out);
    }
  }
}

}  // namespace

Grants born_with(const Change& change, const std::string& owner) { return BornWith(change, owner).run(); }

Grants grants_in(std::string_view text, bool open_to_public) {
  Grants grants;
  if (text.empty()) {
    if (open_to_public) grants[{"PUBLIC", ""}] = {"ALL"};
    return grants;
  }
  if (text == "none") return grants;
  for (const std::string& line : parts_of(text, "; ")) {
    const auto sides = parts_of(line, ": ");
    if (sides.size() != 2) continue;
    const auto privileges = parts_of(sides[1], "/");
    auto& held = grants[{sides[0], privileges.size() > 1 ? privileges[1] : ""}];
    for (const std::string& privilege : parts_of(privileges[0], ", ")) held.insert(privilege);
  }
  return grants;
}

void grant(const GrantTarget& target, const Holder& holder, const std::set<std::string>& privileges,
           Script& out) {
  std::string plain, grantable;
  for (const std::string& privilege : privileges) {
    const bool may_grant = privilege.ends_with('*');
    std::string& list = may_grant ? grantable : plain;
    list += (list.empty() ? "" : ", ") + privilege.substr(0, privilege.size() - (may_grant ? 1 : 0)) +
            target.columns;
  }
  const std::string rest = " ON " + target.on + " TO " + holder.grantee;
  if (!plain.empty()) say(holder, target.prefix + "GRANT " + plain + rest, out);
  if (!grantable.empty())
    say(holder, target.prefix + "GRANT " + grantable + rest + " WITH GRANT OPTION", out);
}

void change_grants(const GrantTarget& target, const Grants& had, const Grants& has, Script& out) {
  Writer(target, had, has, out).run();
}

bool alter_privileges(const Change& change, Script& out) {
  const ObjectId& id = change.expected.id();
  const Kind& kind = *id.kind;
  if (kind.naming == Kind::Naming::under_parent) {
    change_column(change, out);
    return true;
  }
  GrantTarget target;
  target.on = grant_name(id);
  const bool is_owned =
      std::ranges::any_of(kind.attributes, [](const Attribute& each) { return each.name == "owner"; });
  if (is_owned) target.owner = quote_identifier(change.to("owner"));
  target.after_revoke = [&](const Holder& holder) { renew_columns(change, target, holder, out); };
  Grants had = grants_in(change.from("privileges"), kind.open_to_public);
  if (!change.actual) had = born_with(change, target.owner);
  change_grants(target, had, grants_in(change.to("privileges"), kind.open_to_public), out);
  return true;
}

}  // namespace plumbline::kinds
