// Patterns: the input is a pattern, a line end and a text. The quick ways agree with the plain one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "policy/frontier.h"
#include "policy/match.h"

using namespace larder::policy;

namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool all_at_once(std::string_view pattern, std::string_view text) {
  Frontier frontier(text, false);
  for (const char c : pattern) {
    if (c == '*')
      frontier.pass_run();
    else if (c == '?')
      frontier.pass_one();
    else
      frontier.pass(c);
  }
  return frontier.at_end();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view pattern = input.substr(0, line);
  const std::string_view text = input.substr(line + 1);

  Context context;
  context.set("aws:username", "al*ce");
  context.set("k", text);
  PatternTable table;
  for (const bool ignore_case : {false, true}) {
    const Pattern plain =
        table.compile(pattern, {.wildcards = true, .variables = false, .ignore_case = ignore_case});
    const bool matches = table.matches(plain, text);
    // What a `?` stands for in bytes that are no UTF-8 is not said.
    if (!ignore_case && text.size() <= larder::limits::policy_value && is_ascii(pattern) &&
        is_ascii(text))
      CHECK(matches == all_at_once(pattern, text));
    const Pattern variables = table.compile(pattern, {.ignore_case = ignore_case});
    (void)table.matches(variables, text, context);
  }
  for (const auto use : {ArnPattern::Use::resource, ArnPattern::Use::condition}) {
    const ArnPattern arn = table.compile_arn(pattern, true, use);
    (void)table.matches(arn, text, split_arn(text), context);
  }
  return 0;
}
