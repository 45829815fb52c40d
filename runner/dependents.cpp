#include "runner/dependents.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "diff/compare.h"
#include "postgres/text.h"
#include "runner/phases.h"
#include "runner/plan.h"
#include "snapshot/capture.h"

namespace plumbline {
namespace {

constexpr std::string_view dependents_database = "dependents";

using Verb = Difference::Verb;

// What one migration did to the schema, by object.
struct Touched {
  std::size_t place;
  std::map<ObjectId, Difference> objects;
};

bool is_cosmetic(const Difference& change) {
  return change.verb == Verb::changed && std::ranges::all_of(change.attributes, [&](std::size_t attribute) {
           return change.id.kind->attributes[attribute].meaning == Class::cosmetic;
         });
}

// Whether both changed the same: of two changes of one object only if they share an attribute.
bool meet(const Difference& one, const Difference& other) {
  if (one.verb != Verb::changed || other.verb != Verb::changed) return true;
  return std::ranges::any_of(one.attributes, [&](std::size_t attribute) {
    return std::ranges::find(other.attributes, attribute) != other.attributes.end();
  });
}

// The object that `earlier` made and of which this one is a part: the table of a column.
std::optional<ObjectId> whole_of(const ObjectId& part, const Touched& earlier) {
  if (part.parent.view().empty()) return std::nullopt;
  for (const auto& [id, change] : earlier.objects) {
    const bool is_whole = id.name == part.parent && id.schema == part.schema && id.parent.view().empty();
    if (is_whole && change.verb == Verb::unexpected) return id;
  }
  return std::nullopt;
}

// A table that one of the migrations made, and what its rows are known by.
struct MadeTable {
  std::size_t place;
  std::string name, rows;
};

class DependentFinder {
 public:
  DependentFinder(const MigrationDirectory& directory, const ExpectedOptions& options)
      : directory_(directory), options_(options), shadow_(start_shadow(options.shadow)) {
    options_.replay.attribute = false;
    shadow_->create_database(dependents_database);
  }

  std::vector<Dependent> find(std::size_t first, const std::vector<std::size_t>& applied) {
    const auto from = std::ranges::lower_bound(applied, first);
    run({applied.begin(), from});
    options_.replay.prelude.clear();
    Snapshot before = read();
    for (const auto& [oid, name] : tables()) older_.insert(oid);
    for (auto place = from; place != applied.end(); ++place) {
      run({*place});
      Snapshot after = read();
      add(*place, before, after);
      add_rows(*place);
      before = std::move(after);
    }
    return std::move(found_);
  }

 private:
  void run(const std::vector<std::size_t>& places) {
    replay(*shadow_, dependents_database, {directory_, places}, symbols_, options_.replay);
  }

  Snapshot read() {
    const std::unique_ptr<Connection> connection = shadow_->connect(dependents_database);
    const ReadTransaction transaction(*connection);
    CaptureOptions options;
    options.throw_away = true;
    options.dependencies = true;
    return capture(*connection, symbols_, options);
  }

  void add(std::size_t place, const Snapshot& before, const Snapshot& after) {
    Touched touched{.place = place, .objects = {}};
    for (Difference& difference : compare(after, before))
      touched.objects.emplace(difference.id, std::move(difference));
    for (const Touched& earlier : history_) {
      if (std::string why = reason(touched, earlier, after); !why.empty())
        found_.push_back({place, earlier.place, std::move(why)});
    }
    history_.push_back(std::move(touched));
  }

  std::map<std::string, std::string> tables() {
    std::map<std::string, std::string> found;
    shadow_->connect(dependents_database)
        ->query(
            "SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN "
            "pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.oid >= 16384 "
            "AND "
            "n.nspname !~ '^pg_'",
            [&](const Row& row) { found.emplace(row[0], row[1]); });
    return found;
  }

  // Rows that a later migration wrote into a table go with the table.
  void add_rows(std::size_t place) {
    const std::map<std::string, std::string> there = tables();
    std::erase_if(made_, [&](const auto& each) { return !there.contains(each.first); });
    const std::unique_ptr<Connection> connection = shadow_->connect(dependents_database);
    for (const auto& [oid, name] : there) {
      if (older_.contains(oid)) continue;
      const std::string rows = connection
                                   ->value(
                                       "SELECT pg_catalog.count(*) || ' ' || "
                                       "coalesce(pg_catalog.max(xmin::text::bigint), 0) FROM ONLY " +
                                       name)
                                   .value_or("");
      const auto [made, is_new] = made_.try_emplace(oid, MadeTable{place, name, rows});
      if (!is_new && made->second.rows != rows)
        found_.push_back({place, made->second.place, "it changes rows of " + name});
      made->second.rows = rows;
    }
  }

  // Why the later one needs the earlier one; empty: it does not.
  static std::string reason(const Touched& later, const Touched& earlier, const Snapshot& after) {
    for (const auto& [id, change] : later.objects) {
      const auto same = earlier.objects.find(id);
      if (same != earlier.objects.end() && meet(change, same->second))
        return describe(id) + " is changed by both";
      if (const auto whole = whole_of(id, earlier)) return describe(id) + " is a part of " + describe(*whole);
    }
    for (const Dependency& each : after.dependencies()) {
      const auto referenced = earlier.objects.find(each.referenced);
      if (referenced == earlier.objects.end() || is_cosmetic(referenced->second)) continue;
      const auto dependent = later.objects.find(each.dependent);
      if (dependent == later.objects.end() || is_cosmetic(dependent->second)) continue;
      return describe(each.dependent) + " needs " + describe(each.referenced);
    }
    return {};
  }

  const MigrationDirectory& directory_;
  ExpectedOptions options_;
  SymbolTable symbols_;
  std::unique_ptr<Shadow> shadow_;
  std::vector<Touched> history_;
  std::set<std::string> older_;            // tables that none of the migrations in question made
  std::map<std::string, MadeTable> made_;  // by OID
  std::vector<Dependent> found_;
};

}  // namespace

std::vector<Dependent> declared_dependents(const MigrationDirectory& directory,
                                           const std::vector<std::size_t>& applied) {
  std::vector<Dependent> found;
  for (const std::size_t place : applied) {
    for (const std::string& name : directory.migrations[place].dependencies) {
      if (const auto needs = place_named(directory, name))
        found.push_back({place, *needs, "its header names \"" + name + "\""});
    }
    const std::string phase = to_lower(directory.migrations[place].phase);
    for (const std::size_t needs : needed_before(directory, place))
      found.push_back({place, needs, "it is a " + phase + " that needs it"});
  }
  return found;
}

std::vector<Dependent> catalogue_dependents(const MigrationDirectory& directory,
                                            const ExpectedOptions& options, std::size_t first,
                                            const std::vector<std::size_t>& applied) {
  return DependentFinder(directory, options).find(first, applied);
}

}  // namespace plumbline
