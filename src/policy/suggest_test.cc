#include "policy/suggest.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

#include "policy/evaluate.h"

namespace larder::policy {
namespace {

namespace json = boost::json;

const std::string photos = "arn:aws:s3:::photos";

Use get(const std::string& key, const std::string& time = "2026-11-23T12:00:00Z") {
  return {"s3:GetObject", photos + "/" + key, time};
}

Suggestion suggestion_of(const std::vector<Use>& uses) {
  Suggester suggester;
  for (const Use& use : uses) EXPECT_TRUE(suggester.add(use)) << use.action << use.resource;
  return suggester.suggest();
}

std::vector<json::object> statements_of(const Suggestion& suggestion) {
  std::vector<json::object> statements;
  const json::value document = json::parse(suggestion.document);
  for (const json::value& one : document.at("Statement").as_array())
    statements.push_back(one.as_object());
  return statements;
}

/// A string, or the strings of a list with spaces between them.
std::string text_of(const json::object& statement, std::string_view name) {
  const json::value& value = statement.at(json::string_view(name.data(), name.size()));
  if (value.is_string()) return std::string(value.as_string().c_str());
  std::string all;
  for (const json::value& one : value.as_array())
    all += (all.empty() ? "" : " ") + std::string(one.as_string().c_str());
  return all;
}

NamedPolicy compile(const Suggestion& suggestion) {
  return {"suggested",
          std::make_shared<const Document>(parse(suggestion.document, Kind::identity).value())};
}

bool allows(const NamedPolicy& policy, const Use& use) {
  PolicySet set;
  set.identity = {&policy, 1};
  const Principal alice = parse_principal("arn:aws:iam::111122223333:user/alice").value();
  const Context context;
  return evaluate({alice, use.action, use.resource, "", context}, set).allowed();
}

bool allows(const Suggestion& suggestion, const Use& use) {
  return allows(compile(suggestion), use);
}

TEST(Suggest, OneUseIsOneStatementThatAllowsExactlyThat) {
  const Suggestion suggestion = suggestion_of({get("cat.jpg")});
  EXPECT_EQ(suggestion.document, R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "S3Photos1",
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::photos/cat.jpg"
    }
  ]
}
)");
  ASSERT_EQ(suggestion.evidence.size(), 1u);
  EXPECT_EQ(suggestion.evidence[0].sid, "S3Photos1");
  EXPECT_EQ(suggestion.evidence[0].uses, 1u);
  EXPECT_EQ(suggestion.evidence[0].widened, "");
}

TEST(Suggest, ActionsOnTheSameResourcesShareAStatement) {
  const auto statements = statements_of(suggestion_of({get("a"),
                                                       get("b"),
                                                       {"s3:PutObject", photos + "/a", ""},
                                                       {"s3:PutObject", photos + "/b", ""},
                                                       {"s3:ListBucket", photos, ""},
                                                       {"s3:ListAllMyBuckets", "*", ""},
                                                       {"ec2:DescribeInstances", "*", ""}}));
  ASSERT_EQ(statements.size(), 4u);
  EXPECT_EQ(text_of(statements[0], "Sid"), "Ec2Any1");
  EXPECT_EQ(text_of(statements[1], "Sid"), "S3Any1");
  EXPECT_EQ(text_of(statements[2], "Action"), "s3:ListBucket");
  EXPECT_EQ(text_of(statements[3], "Action"), "s3:GetObject s3:PutObject");
  EXPECT_EQ(text_of(statements[3], "Resource"), photos + "/a " + photos + "/b");
  EXPECT_EQ(text_of(statements[3], "Sid"), "S3Photos2");
}

TEST(Suggest, FiveKeysStayAndSixBecomeTheirFolder) {
  std::vector<Use> uses;
  for (int i = 0; i < 5; ++i) uses.push_back(get("2026/" + std::to_string(i)));
  EXPECT_EQ(suggestion_of(uses).evidence[0].widened, "");
  uses.push_back(get("2026/5"));
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"), photos + "/2026/*");
  EXPECT_EQ(suggestion.evidence[0].widened,
            "the 6 keys seen under photos/2026/ as arn:aws:s3:::photos/2026/*");
}

TEST(Suggest, AKeyElsewhereDoesNotWidenTheFolderOfTheOthers) {
  std::vector<Use> uses{get("index.html")};
  for (int i = 0; i < 100; ++i) uses.push_back(get("2026/05/" + std::to_string(i)));
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"),
            photos + "/2026/05/* " + photos + "/index.html");
  EXPECT_FALSE(allows(suggestion, get("2026/06/1")));
}

TEST(Suggest, FoldersThatAreManyBecomeTheOneAboveThem) {
  std::vector<Use> uses;
  for (int i = 0; i < 7; ++i) uses.push_back(get("users/" + std::to_string(i) + "/picture"));
  EXPECT_EQ(text_of(statements_of(suggestion_of(uses))[0], "Resource"), photos + "/users/*");
}

TEST(Suggest, WhatAPatternWouldReadAsItsOwnIsEscaped) {
  const Suggestion suggestion = suggestion_of({get("a*b?c${aws:username}$")});
  EXPECT_TRUE(allows(suggestion, get("a*b?c${aws:username}$")));
  EXPECT_FALSE(allows(suggestion, get("aXXbYc${aws:username}$")));
  EXPECT_FALSE(allows(suggestion, get("a*b?calice$")));
}

TEST(Suggest, TheDocumentIsAscii) {
  const Use use = get("f\xc3\xbc\xc3\x9f/\xe5\xb1\xb1/\xf0\x9f\x93\xb7");
  const Suggestion suggestion = suggestion_of({use});
  EXPECT_TRUE(std::ranges::all_of(suggestion.document,
                                  [](char c) { return static_cast<unsigned char>(c) < 0x7f; }));
  EXPECT_TRUE(allows(suggestion, use));
}

TEST(Suggest, TheEvidenceTellsUsesTimesAndExamples) {
  const Suggestion suggestion =
      suggestion_of({get("a", "2026-11-23T12:00:00Z"), get("a", "2026-11-21T12:00:00Z"),
                     get("b", "2026-11-22T12:00:00Z"), get("c"), get("d")});
  const Evidence& evidence = suggestion.evidence[0];
  EXPECT_EQ(evidence.uses, 5u);
  EXPECT_EQ(evidence.first, "2026-11-21T12:00:00Z");
  EXPECT_EQ(evidence.last, "2026-11-23T12:00:00Z");
  EXPECT_EQ(evidence.examples,
            (std::vector<std::string>{photos + "/a", photos + "/b", photos + "/c"}));
}

TEST(Suggest, WhatNoPolicyCanNameIsNotTaken) {
  Suggester suggester;
  for (const char* action : {"", "GetObject", ":x", "s3:", "s3:Get*", "s3:a:b", "s 3:Get"})
    EXPECT_FALSE(suggester.add({action, "*", ""})) << action;
  for (const char* resource : {"", "photos", "arn:aws:s3:::", "arn:aws:*:::x", "arn:aws:iam::1:x",
                               "arn:aws:s3:::photos/\xff"})
    EXPECT_FALSE(suggester.add({"s3:GetObject", resource, ""})) << resource;
  EXPECT_TRUE(suggester.empty());
}

TEST(Suggest, SidsAreUniqueEvenWhereNamesAreAlike) {
  std::vector<Use> uses;
  for (int i = 0; i < 12; ++i)
    uses.push_back({"s3:Action" + std::to_string(i), photos + "/" + std::to_string(i), ""});
  uses.push_back({"s3:GetObject", "arn:aws:s3:::photos1/a", ""});
  EXPECT_TRUE(parse(suggestion_of(uses).document, Kind::identity).has_value());
}

TEST(Suggest, ADocumentThatWouldBeTooLongIsWidenedUntilItFits) {
  std::vector<Use> uses;
  for (int i = 0; i < 400; ++i)
    uses.push_back({"iam:GetRole", "arn:aws:iam::111122223333:role/team/" + std::to_string(i), ""});
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"), "arn:aws:iam::111122223333:role/*");
  EXPECT_EQ(suggestion.evidence[0].widened,
            "the 400 resources seen under role/ as arn:aws:iam::111122223333:role/*");
  for (int i = 0; i < 400; ++i)
    uses.push_back({"x:AnAction" + std::to_string(i), "arn:aws:x:::" + std::to_string(i), ""});
  const Suggestion wide = suggestion_of(uses);
  EXPECT_LE(counted_size(wide.document), 6144u);
  const NamedPolicy policy = compile(wide);
  for (const Use& use : uses) EXPECT_TRUE(allows(policy, use)) << use.action << use.resource;
}

TEST(Suggest, MoreKeysThanAreKeptAreTakenTogether) {
  std::vector<Use> uses;
  for (int i = 0; i < 10'000; ++i)
    uses.push_back(get("2026/" + std::to_string(i % 7) + "/" + std::to_string(i)));
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"), photos + "/2026/*");
  EXPECT_EQ(suggestion.evidence[0].uses, 10'000u);
  EXPECT_NE(suggestion.evidence[0].widened.find("or more keys seen under photos/2026/"),
            std::string::npos)
      << suggestion.evidence[0].widened;
}

/// Uses as they come in life: some actions, some buckets, folders of different depth.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {}

  std::vector<Use> uses() {
    std::vector<Use> all(1 + below(300));
    for (Use& use : all) use = one();
    return all;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  Use one() {
    static const std::vector<std::string> object_actions{"s3:GetObject", "s3:PutObject",
                                                         "s3:DeleteObject"};
    const std::string bucket = "arn:aws:s3:::bucket-" + std::to_string(below(3));
    switch (below(6)) {
      case 0:
        return {"s3:ListBucket", bucket, ""};
      case 1:
        return {"s3:ListAllMyBuckets", "*", ""};
      case 2:
        return {"iam:GetRole", "arn:aws:iam::111122223333:role/" + name(), ""};
      default:
        break;
    }
    std::string key;
    for (std::size_t depth = below(4); depth > 0; --depth) key += name() + "/";
    return {object_actions[below(3)], bucket + "/" + key + (below(20) == 0 ? "" : name()), ""};
  }

  std::string name() {
    static const std::vector<std::string> odd{"*", "a?", "${x}", "$", "\xc3\xa9", "\"", "\\", " "};
    if (below(30) == 0) return odd[below(odd.size())];
    return std::to_string(below(12));
  }

  std::mt19937 random_;
};

TEST(Suggest, EveryUseIsAllowedWhateverItWas) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Life life(seed);
  for (int round = 0; round < 200; ++round) {
    const std::vector<Use> uses = life.uses();
    Suggester suggester;
    for (const Use& use : uses) ASSERT_TRUE(suggester.add(use)) << use.resource;
    const Suggestion suggestion = suggester.suggest();
    ASSERT_TRUE(parse(suggestion.document, Kind::identity).has_value()) << suggestion.document;
    ASSERT_LE(counted_size(suggestion.document), 6144u);
    const NamedPolicy policy = compile(suggestion);
    for (const Use& use : uses)
      ASSERT_TRUE(allows(policy, use)) << use.action << " " << use.resource << "\n"
                                       << suggestion.document;
  }
}

}  // namespace
}  // namespace larder::policy
