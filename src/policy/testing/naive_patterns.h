// Patterns of the naive evaluator: a text becomes symbols, which are code points and the two
// wildcards, and is matched by trying.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace larder::policy::test {

struct NaiveValues {
  bool is_list = false;
  std::vector<std::string> values{};  // one, unless `is_list`
};

/// No two keys are the same but for case.
using NaiveContext = std::map<std::string, NaiveValues>;

/// ASCII letters only.
bool same_but_for_case(std::string_view a, std::string_view b);

/// Null when the key is absent.
const NaiveValues* find(const NaiveContext& context, std::string_view key);

struct Reading {
  bool variables = false;
  bool wildcards = true;
  bool ignore_case = false;
  bool of_resource = false;
};

/// False also when a variable has no value.
bool text_matches(std::string_view pattern, std::string_view text, Reading reading,
                  const NaiveContext& context);

/// Component by component. `*` alone matches everything, what has fewer than six components
/// nothing; with a variable it is compared as a whole.
bool arn_matches(std::string_view pattern, std::string_view arn, bool variables,
                 const NaiveContext& context);
/// The same, but with a variable before the fifth colon it matches nothing, the service has no
/// wildcards, and what lacks of six components is `*`.
bool resource_matches(std::string_view pattern, std::string_view resource, bool variables,
                      const NaiveContext& context);

}  // namespace larder::policy::test
