// A document as JSON again.
#pragma once

#include <string>

#include "policy/document.h"

namespace larder::policy {

/// One line, which parse() reads as the same document: elements in the order of AWS's grammar,
/// lists where several may stand, numbers and booleans of conditions as strings, an account as the
/// ARN of its root.
std::string write(const Document& document);

}  // namespace larder::policy
