// A decision and its reasons, for people and for programs: the same whether a running server
// explained it or this program did.
#pragma once

#include <string>

#include "policy/decision_view.h"

namespace larder::cli {

/// The decision, the reason and a table of statements, with what matched and what did not. `color`:
/// with the escape sequences of terminals. What the view holds is printable() and cannot add any.
std::string decision_text(const policy::DecisionView& view, bool color);

/// An object on one line, with the names that `larder policy evaluate` uses.
std::string decision_json(const policy::DecisionView& view);

}  // namespace larder::cli
