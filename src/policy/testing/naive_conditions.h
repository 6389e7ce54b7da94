// The Condition element as the naive evaluator reads it (§G.3).
#pragma once

#include <boost/json/value.hpp>
#include "policy/testing/naive_patterns.h"

namespace larder::policy::test {

bool conditions_hold(const boost::json::value& element, bool variables,
                     const NaiveContext& context);

}  // namespace larder::policy::test
