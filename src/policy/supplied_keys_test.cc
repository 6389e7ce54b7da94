// ConditionKey::supplied against the program: a key is supplied exactly where some source names it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/action_table.h"

namespace larder::policy {
namespace {

namespace fs = std::filesystem;

/// Case says nothing in the name of a key.
std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

/// All that makes requests' contexts, in one text.
std::string sources_of_contexts() {
  std::string all;
  const auto append = [&](const fs::path& path) {
    std::ifstream file(path);
    all.append(std::istreambuf_iterator<char>(file), {});
  };
  const fs::path sources = fs::path(LARDER_SOURCE_DIR) / "src";
  for (const char* module : {"aws", "s3", "iam", "sts", "ec2", "server"}) {
    for (const auto& entry : fs::recursive_directory_iterator(sources / module)) {
      const std::string name = entry.path().filename().string();
      const bool tests = name.ends_with("_test.cc") || entry.path().string().contains("/testing/");
      if (name.ends_with(".cc") && !tests) append(entry.path());
    }
  }
  append(sources / "policy/principal.cc");
  return all;
}

TEST(SuppliedKeys, AreThoseThatTheProgramNames) {
  const std::string sources = lower(sources_of_contexts());
  constexpr std::array<std::string_view, 6> prefixes{"aws:", "s3:", "iam:", "sts:", "ec2:", "kms:"};
  std::size_t supplied = 0;
  for (const ConditionKey& key : action_table().condition_keys()) {
    if (std::ranges::none_of(prefixes, [&](auto prefix) { return key.name.starts_with(prefix); }))
      continue;
    // "aws:RequestTag/*" is made from "aws:RequestTag/".
    const std::string literal = '"' + lower(key.name.substr(0, key.name.find('*'))) + '"';
    EXPECT_EQ(key.supplied, sources.contains(literal)) << key.name;
    supplied += key.supplied ? 1 : 0;
  }
  EXPECT_GE(supplied, 40u);
}

}  // namespace
}  // namespace larder::policy
