// What AWS refuses in a document whose elements can be read: the checks behind parse(), by kind of
// policy, in AWS's order (§D.4, §G.5).
#pragma once

#include <optional>
#include <string>

#include "policy/document.h"

namespace larder::policy {

/// What the document's value does not keep.
struct ReadingNotes {
  bool effect_in_wrong_case = false;  // "allow"
};

/// The message of the first check that fails.
std::optional<std::string> first_fault(const Document& document, Kind kind,
                                       const ParseOptions& options, const ReadingNotes& notes);

}  // namespace larder::policy
