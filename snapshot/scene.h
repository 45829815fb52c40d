#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "snapshot/object.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Where statements are written: both snapshots, and how far the script has come. A kind's create, alter and
// drop look here for what surrounds their object, and say here what they have written along with it.
class Scene {
 public:
  Scene(const Snapshot& actual_side, const Snapshot& expected_side)
      : actual(actual_side), expected(expected_side) {}
  virtual ~Scene() = default;
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  const Snapshot& actual;
  const Snapshot& expected;

  // Objects of `kind` that are an internal part of `whole` on the expected side (an identity column's
  // sequence).
  virtual std::vector<Object> parts(const ObjectId& whole, const Kind& kind) const = 0;
  // Whether all that a new object needs is there by now, apart from its own parent's parts; a CREATE that
  // writes a part along asks this first and says claim() when it does.
  virtual bool is_ready(const ObjectId& part) const = 0;
  virtual void claim(const ObjectId& part) = 0;
  // Whether the script makes the object anew.
  virtual bool is_made(const ObjectId& id) const = 0;
  // Whether the script frees the object from what holds it before its parts are changed.
  virtual bool is_released(const ObjectId& id) const = 0;
  // Whether the script drops the object (to make it anew, perhaps).
  virtual bool is_dropped(const ObjectId& id) const = 0;
  // Whether the script's CREATE of the object also removes the one that has its place.
  virtual bool is_replaced(const ObjectId& id) const = 0;
  // Whether others work with the database while the script runs: what takes long must not block them.
  virtual bool online() const = 0;
  // Whether a throw-away copy is built, by a superuser: what no statement makes is written into the
  // catalogue.
  virtual bool throw_away() const = 0;
  // What a column's new values are made from, where the user has said it: an SQL expression.
  virtual std::string_view using_expression(const ObjectId& column) const = 0;
  // Who runs the script and owns what it creates; empty: not known.
  virtual std::string_view creator() const = 0;
};

}  // namespace plumbline
