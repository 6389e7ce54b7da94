#include "policy/suggest.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>
#include <set>
#include <utility>

#include "policy/evaluate.h"

namespace larder::policy {
namespace {

namespace json = boost::json;

const std::string photos = "arn:aws:s3:::photos";

Use get(const std::string& key, const std::string& time = "2026-11-23T12:00:00Z") {
  return {"s3:GetObject", photos + "/" + key, time};
}

using Pair = std::pair<std::string, std::string>;  // action and resource

Refusals refusals_of(const std::vector<Pair>& refused) {
  Refusals refusals;
  for (const auto& [action, resource] : refused) EXPECT_TRUE(refusals.add(action, resource));
  return refusals;
}

Suggestion suggestion_of(const std::vector<Use>& uses, const std::vector<Pair>& refused = {}) {
  Suggester suggester(refusals_of(refused));
  for (const Use& use : uses) EXPECT_TRUE(suggester.add(use)) << use.action << use.resource;
  return suggester.suggest();
}

std::vector<Use> gets(const std::string& beginning, int count) {
  std::vector<Use> uses;
  for (int i = 0; i < count; ++i)
    uses.push_back(get(beginning +
                       std::string(i < 10    ? "00"
                                   : i < 100 ? "0"
                                             : "") +
                       std::to_string(i)));
  return uses;
}

std::vector<Use> operator+(std::vector<Use> a, const std::vector<Use>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
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
  EXPECT_EQ(suggestion.managed_policies(), 1u);
}

TEST(Suggest, TheLastStepIsAllOfAService) {
  std::vector<Use> uses;
  for (int i = 0; i < 400; ++i)
    uses.push_back({"s3:ListBucket", "arn:aws:s3:::bucket-" + std::to_string(i), ""});
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"), "arn:aws:s3:::*");
  EXPECT_EQ(suggestion.evidence[0].widened, "the 400 resources seen as arn:aws:s3:::*");
}

TEST(Suggest, OnlyTheActionThatIsTooLongIsWidened) {
  std::vector<Use> uses{get("a"), {"iam:GetUser", "arn:aws:iam::111122223333:user/a", ""}};
  for (int i = 0; i < 400; ++i)
    uses.push_back({"iam:GetRole", "arn:aws:iam::111122223333:role/team/" + std::to_string(i), ""});
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_FALSE(allows(suggestion, get("b")));
  EXPECT_FALSE(allows(suggestion, {"iam:GetUser", "arn:aws:iam::111122223333:user/b", ""}));
  EXPECT_TRUE(allows(suggestion, {"iam:GetRole", "arn:aws:iam::111122223333:role/b", ""}));
}

TEST(Suggest, ActionsAreNeverWidenedAndTheSizeIsTold) {
  std::vector<Use> uses;
  for (int i = 0; i < 400; ++i)
    uses.push_back(
        {"x:AnActionWithALongName" + std::to_string(i), "arn:aws:x:::" + std::to_string(i), ""});
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_EQ(suggestion.characters, counted_size(suggestion.document));
  EXPECT_GT(suggestion.characters, managed_policy_max);
  EXPECT_EQ(suggestion.managed_policies(), 2u);
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Action").find('*'), std::string::npos);
  EXPECT_FALSE(allows(suggestion, {"x:AnotherAction", "arn:aws:x:::1", ""}));
  const NamedPolicy policy = compile(suggestion);
  for (const Use& use : uses) EXPECT_TRUE(allows(policy, use)) << use.action;
}

TEST(Suggest, WhereWideningDoesNotHelpNothingIsWidened) {
  std::vector<Use> uses{get("a")};
  for (int i = 0; i < 400; ++i)
    uses.push_back({"x:AnActionWithALongName" + std::to_string(i), "*", ""});
  const Suggestion suggestion = suggestion_of(uses);
  EXPECT_GT(suggestion.managed_policies(), 1u);
  EXPECT_FALSE(allows(suggestion, get("b")));
}

TEST(Suggest, AFolderWithSomethingRefusedIsNotTaken) {
  const std::vector<Use> uses =
      gets("2026/", 6) + std::vector<Use>{{"s3:PutObject", photos + "/2026/a", ""}};
  const Suggestion suggestion = suggestion_of(uses, {{"s3:GetObject", photos + "/2026/secret"}});
  const NamedPolicy policy = compile(suggestion);
  for (const Use& use : uses) EXPECT_TRUE(allows(policy, use)) << use.resource;
  EXPECT_FALSE(allows(policy, get("2026/secret")));
  EXPECT_FALSE(allows(policy, get("2026/another")));
  EXPECT_EQ(suggestion.evidence[0].widened, "");
}

TEST(Suggest, WhatIsRefusedToOneActionDoesNotNarrowAnother) {
  EXPECT_TRUE(allows(suggestion_of(gets("2026/", 6), {{"s3:PutObject", photos + "/2026/secret"}}),
                     get("2026/another")));
}

TEST(Suggest, ARefusedActionCountsInAnyCase) {
  EXPECT_FALSE(allows(suggestion_of(gets("2026/", 6), {{"S3:getobject", photos + "/2026/secret"}}),
                      get("2026/secret")));
}

TEST(Suggest, OfAFolderThatIsNotFreeTheFoldersBelowAreTaken) {
  const Suggestion suggestion = suggestion_of(gets("2026/05/", 9) + gets("2026/06/", 9),
                                              {{"s3:GetObject", photos + "/2026/07/secret"}});
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"),
            photos + "/2026/05/* " + photos + "/2026/06/*");
}

TEST(Suggest, OfAFolderThatIsNotFreeBeginningsAreTakenBeforeItIsTooLong) {
  const std::vector<Use> uses = gets("2026/IMG_", 800);
  const Suggestion suggestion = suggestion_of(uses, {{"s3:GetObject", photos + "/2026/secret"}});
  EXPECT_EQ(text_of(statements_of(suggestion)[0], "Resource"), photos + "/2026/IMG_*");
  EXPECT_EQ(suggestion.evidence[0].widened,
            "the 800 keys seen that begin with photos/2026/IMG_ as arn:aws:s3:::photos/2026/IMG_*");

  const Pair amid{"s3:GetObject", photos + "/2026/IMG_5555"};
  const Suggestion around = suggestion_of(uses, {amid});
  EXPECT_EQ(around.managed_policies(), 1u);
  const NamedPolicy policy = compile(around);
  for (const Use& use : uses) EXPECT_TRUE(allows(policy, use)) << use.resource;
  EXPECT_FALSE(allows(policy, {amid.first, amid.second, ""}));
}

TEST(Suggest, BeginningsAreOfWholeCharacters) {
  std::vector<Use> uses;
  for (const char* letter : {"\xc3\xa4", "\xc3\xb6", "\xc3\xbc"})
    for (int i = 0; i < 100; ++i) uses.push_back(get("2026/" + (letter + std::to_string(i))));
  const Suggestion suggestion = suggestion_of(uses, {{"s3:GetObject", photos + "/2026/\xc3\xa9"}});
  EXPECT_TRUE(parse(suggestion.document, Kind::identity).has_value());
  EXPECT_EQ(suggestion.managed_policies(), 1u);
  const NamedPolicy policy = compile(suggestion);
  for (const Use& use : uses) EXPECT_TRUE(allows(policy, use)) << use.resource;
  EXPECT_FALSE(allows(policy, get("2026/\xc3\xa9")));
}

TEST(Suggest, WhatWasAllowedAndRefusedStaysByItselfAndTheEvidenceSaysSo) {
  const Suggestion suggestion =
      suggestion_of(gets("2026/", 7), {{"s3:GetObject", photos + "/2026/003"}});
  EXPECT_TRUE(allows(suggestion, get("2026/003")));
  EXPECT_FALSE(allows(suggestion, get("2026/other")));
  EXPECT_EQ(suggestion.evidence[0].refused, "s3:GetObject on " + photos + "/2026/003");
  EXPECT_EQ(suggestion_of(gets("2026/", 7)).evidence[0].refused, "");
}

TEST(Suggest, WhatTheServerAsksOfAnyResourceStaysAnyAndIsNotCalledWider) {
  const std::string instances = "arn:aws:ec2:us-east-1:111122223333:instance/*";
  const Suggestion suggestion = suggestion_of({{"ec2:RunInstances", instances, ""},
                                               {"ec2:CreateTags", instances, ""},
                                               {"s3:ListAllMyBuckets", "arn:aws:s3:::*", ""}});
  const auto statements = statements_of(suggestion);
  ASSERT_EQ(statements.size(), 2u);
  EXPECT_EQ(text_of(statements[0], "Resource"), instances);
  EXPECT_EQ(text_of(statements[1], "Resource"), "arn:aws:s3:::*");
  for (const Evidence& evidence : suggestion.evidence) EXPECT_EQ(evidence.widened, "");
}

TEST(Suggest, AnAsteriskThatACallerSentIsACharacter) {
  EXPECT_FALSE(allows(suggestion_of({get("*")}), get("a")));
  EXPECT_FALSE(allows(suggestion_of({{"s3:CreateBucket", "arn:aws:s3:::*", ""}}),
                      {"s3:CreateBucket", photos, ""}));
  const std::string instances = "arn:aws:ec2:us-east-1:111122223333:instance/";
  EXPECT_FALSE(allows(suggestion_of({{"ec2:TerminateInstances", instances + "*", ""}}),
                      {"ec2:TerminateInstances", instances + "i-1", ""}));
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

TEST(Suggest, NotEvenOfMoreThanAreKeptIsWhatWasRefusedTaken) {
  const Pair amid{"s3:GetObject", photos + "/2026/3/x"};
  Suggester suggester(refusals_of({amid}));
  std::vector<Use> uses;
  for (int i = 0; i < 10'000; ++i)
    uses.push_back(get("2026/" + std::to_string(i % 7) + "/" + std::to_string(i)));
  for (const Use& use : uses) ASSERT_TRUE(suggester.add(use));
  const NamedPolicy policy = compile(suggester.suggest());
  for (const Use& use : uses) ASSERT_TRUE(allows(policy, use)) << use.resource;
  EXPECT_FALSE(allows(policy, {amid.first, amid.second, ""}));
}

TEST(Refusals, AreBounded) {
  Refusals refusals;
  for (int i = 0; i < 262'144; ++i) ASSERT_TRUE(refusals.add("s3:GetObject", std::to_string(i)));
  EXPECT_FALSE(refusals.add("s3:PutObject", "one more"));
  EXPECT_TRUE(refusals.add("S3:GetObject", "7"));
}

/// Uses as they come in life: some actions, some buckets, folders of different depth.
class Life {
 public:
  explicit Life(unsigned seed) : random_(seed) {}

  std::vector<Use> uses(std::size_t at_most) {
    std::vector<Use> all(1 + below(at_most));
    for (Use& use : all) use = one();
    return all;
  }

  /// Some anywhere, some beside what was used, some the same.
  std::vector<Pair> refusals(const std::vector<Use>& uses) {
    std::vector<Pair> all;
    for (std::size_t count = below(12); count > 0; --count) {
      const Use use = below(3) == 0 ? one() : uses[below(uses.size())];
      const bool beside = below(5) > 0 && use.resource.contains('/');
      all.emplace_back(use.action,
                       beside
                           ? use.resource.substr(0, 1 + below(2) + use.resource.rfind('/')) + name()
                           : use.resource);
    }
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
        return below(2) == 0 ? Use{"s3:ListAllMyBuckets", "arn:aws:s3:::*", ""}
                             : Use{"ec2:DescribeInstances", "*", ""};
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

std::string lines_of(const std::vector<Pair>& pairs) {
  std::string lines;
  for (const auto& [action, resource] : pairs) lines += "\nrefused: " + action + " " + resource;
  return lines;
}

TEST(Suggest, EveryUseIsAllowedNoRefusalIsAndEachStatementHasEvidence) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Life life(seed);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Use> uses = life.uses(round % 25 == 0 ? 3000 : 300);
    const std::vector<Pair> refused = life.refusals(uses);
    const Suggestion suggestion = suggestion_of(uses, refused);
    ASSERT_TRUE(parse(suggestion.document, Kind::identity).has_value()) << suggestion.document;
    const NamedPolicy policy = compile(suggestion);
    std::set<Pair> used;
    for (const Use& use : uses) {
      used.emplace(use.action, use.resource);
      ASSERT_TRUE(allows(policy, use))
          << use.action << " " << use.resource << lines_of(refused) << "\n"
          << suggestion.document;
    }
    for (const auto& [action, resource] : refused)
      ASSERT_EQ(allows(policy, {action, resource, ""}), used.contains({action, resource}))
          << action << " " << resource << "\n"
          << suggestion.document;
    std::size_t told = 0;
    const auto statements = statements_of(suggestion);
    ASSERT_EQ(statements.size(), suggestion.evidence.size());
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const Evidence& evidence = suggestion.evidence[i];
      ASSERT_EQ(text_of(statements[i], "Sid"), evidence.sid);
      ASSERT_FALSE(evidence.examples.empty());
      ASSERT_EQ(text_of(statements[i], "Action").find('*'), std::string::npos);
      told += evidence.uses;
    }
    ASSERT_EQ(told, uses.size());
  }
}

}  // namespace
}  // namespace larder::policy
