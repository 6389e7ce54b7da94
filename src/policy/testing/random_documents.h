// Random policy documents as JSON.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "policy/document.h"
#include "policy/testing/random_policies.h"

namespace larder::policy::test {

boost::json::value random_document(Dice& dice, Kind kind);

}  // namespace larder::policy::test
