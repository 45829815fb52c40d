#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Where a statement stands.
struct Place {
  std::string file;  // relative to the migrations directory, or "prelude"
  int line = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

// Which statement created an object under its present name, and which changed it last. For a relation that
// means itself and its columns; indexes, constraints and triggers have their own. A note or a setting on a
// column (its comment, its statistics target) makes it no other column: only that attribute has another place
// then.
struct Provenance {
  Place created, changed;
  std::map<std::size_t, Place> attributes =
      {};  // which statement changed this one last; absent: never changed
  const Place& of(std::size_t attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? created : found->second;
  }
};
using Attribution = std::map<ObjectId, Provenance>;

// Watches the catalogue while migrations run: after each statement it reads again what the statement touched
// and notes what came out different. Which rows were touched the rows tell themselves (xmin and cmin,
// manual 5.5, "System Columns"), so nothing is created in the database and nothing of the SQL has to be
// understood.
class AttributionTracker {
 public:
  AttributionTracker(Connection& connection, SymbolTable& symbols);

  // Everything there is now comes from `place`.
  void start(const Place& place);
  // To be called when no transaction is open any more, and before a statement outside one: from here on rows
  // carry another xmin. Asks the server, which a transaction that has just begun may not yet be asked:
  // SET TRANSACTION comes before any query.
  void new_transaction();
  // To be called when COMMIT AND CHAIN has begun a transaction; asks nothing.
  void chained_transaction() { chained_ = true; }
  // To be called when a migration may have taken away what a session has prepared (DISCARD, DEALLOCATE).
  void forget_prepared() { prepared_ = false; }
  std::size_t known() const { return entries_.size(); }  // how many objects it has seen
  // Reads what has changed since the last call.
  void after(const Place& place);
  // To be called at the end of a file: forgets what it dropped, if it may have dropped anything. What was
  // there before the file and is there after it is the same object, even when the file made it anew under its
  // name.
  void end_file(bool may_have_dropped);

  Attribution take() &&;

 private:
  using Oid = unsigned long;
  struct Address {  // of an object while the watched server lives
    const Kind* kind;
    Oid oid;
    long subid;
    friend auto operator<=>(const Address&, const Address&) = default;
  };
  struct Entry {
    Oid oid;
    std::vector<Symbol> values;
    Provenance provenance;
  };
  using Oids = std::set<Oid>;
  using Touched = std::map<std::string, Oids, std::less<>>;  // by catalogue

  void prepare();
  Touched touched();
  Oids worth_reading(const Kind& kind, const Oids& oids) const;
  void read(const Kind& kind, const Oids& oids, const Place& place);
  void read_everything(const Place& place);
  void note(const ObjectId& id, Oid oid, const std::vector<Symbol>& values, const Place& place);
  void note_name(const Address& address, const ObjectId& id);
  void note_change_of_whole(const ObjectId& part, const Place& place);
  void forget_dropped();
  void set_aside(std::map<ObjectId, Entry>::iterator entry);
  void forget_parts(const Kind& kind, Oid whole, const std::set<ObjectId>& seen, const Place& place);

  Connection& connection_;
  SymbolTable& symbols_;
  const std::set<std::string> catalogs_;  // that have OIDs of objects
  std::map<ObjectId, Entry> entries_;
  std::map<ObjectId, Entry> set_aside_;  // what lost its name since the file began
  std::map<Address, ObjectId> names_;    // what everything was called when it was last read; tells renames
  std::string horizon_ = "3";            // the first xid that is not older than the running transaction
  long next_command_ = 0;                // cmin up to which everything has been read
  bool prepared_ = false;                // the statements that we read with
  bool chained_ = false;                 // horizon_ is that of the transaction before
  bool renamed_ = false;
  std::vector<const Kind*> kinds_;  // those this server has
};

}  // namespace plumbline
