#pragma once

#include "catchup/ids.h"
#include "snapshot/snapshot.h"

namespace plumbline {

// Whether what the server computes for a question about an object is its own code: neither the object nor
// what it is made of needs a routine, an operator or an extension. Code of others would run with the rights
// of whoever asks.
class OwnCode {
 public:
  explicit OwnCode(const Snapshot& expected);
  bool is_own(const ObjectId& id) const { return !foreign_.contains(id); }

 private:
  IdSet foreign_;
};

}  // namespace plumbline
