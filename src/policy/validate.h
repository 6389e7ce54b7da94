// What AWS refuses in a document whose elements can be read: the checks behind parse(), by kind of
// policy, in AWS's order (§D.4, §G.5).
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "policy/document.h"
#include "policy/places.h"

namespace larder::policy {

/// What the document's value does not keep.
struct ReadingNotes {
  std::optional<std::size_t> effect_in_wrong_case{};  // the first statement with "allow"
};

/// A check that fails: AWS's message, and the element at which it does.
struct Fault {
  std::string message;
  Place place{};
};

/// The first check that fails.
std::optional<Fault> first_fault(const Document& document, Kind kind, const ParseOptions& options,
                                 const ReadingNotes& notes);

}  // namespace larder::policy
