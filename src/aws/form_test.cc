#include "aws/form.h"

#include <gtest/gtest.h>

#include "aws/encode.h"
#include "codec/xml.h"

namespace larder::aws {
namespace {

struct ShortRule {
  static constexpr std::size_t min = 1, max = 4;
  static constexpr std::string_view pattern = "[a-z]+";
  static constexpr bool allowed(unsigned char c) { return c >= 'a' && c <= 'z'; }
};
struct Tag {
  Text<ShortRule> key;
  std::optional<std::string> value;
  static constexpr auto shape = fields(required<&Tag::key>("Key"), optional<&Tag::value>("Value"));
};
struct Input {
  Text<ShortRule> user_name;
  std::optional<std::int64_t> count;
  std::vector<Tag> tags;
  OneOf<"Active", "Inactive"> status;
  static constexpr auto shape =
      fields(required<&Input::user_name>("UserName"), optional<&Input::count>("Count"),
             optional<&Input::tags>("Tags").at_most(2), optional<&Input::status>("Status"));
};

Result<Input> decode(Parameters parameters, FormStyle style = {.member = true, .ec2 = false}) {
  Input input;
  TRY_VOID(decode_form(make_form(std::move(parameters)), Input::shape, &input, style));
  return input;
}

TEST(Form, FillsScalarsListsAndStructures) {
  const auto input = decode({{"UserName", "bob"},
                             {"Count", "7"},
                             {"Tags.member.1.Key", "a"},
                             {"Tags.member.1.Value", ""},
                             {"Tags.member.2.Key", "b"},
                             {"Status", "Inactive"},
                             {"Unknown", "x"}});
  ASSERT_TRUE(input) << input.error().message;
  EXPECT_EQ(input->user_name.str(), "bob");
  EXPECT_EQ(input->count, 7);
  ASSERT_EQ(input->tags.size(), 2u);
  EXPECT_EQ(input->tags[0].value, "");
  EXPECT_EQ(input->tags[1].value, std::nullopt);
  EXPECT_TRUE(input->status == "Inactive");
}

TEST(Form, ReadsTheFlatListsOfEc2) {
  const auto input =
      decode({{"UserName", "bob"}, {"Tags.1.Key", "a"}}, {.member = false, .ec2 = true});
  ASSERT_TRUE(input);
  EXPECT_EQ(input->tags.size(), 1u);
}

TEST(Form, ReportsEveryBrokenConstraintInAwsWords) {
  const auto input =
      decode({{"UserName", "Bob9"}, {"Count", "x"}, {"Tags.member.1.Key", "toolong"}});
  ASSERT_FALSE(input);
  EXPECT_EQ(input.error().code.name, "ValidationError");
  EXPECT_EQ(input.error().message,
            "3 validation errors detected: Value 'Bob9' at 'userName' failed to satisfy "
            "constraint: Member must satisfy "
            "regular expression pattern: [a-z]+; Value 'x' at 'count' failed to satisfy "
            "constraint: Member must be an "
            "integer; Value 'toolong' at 'tags.1.member.key' failed to satisfy constraint: Member "
            "must have length less "
            "than or equal to 4");
}

TEST(Form, NamesWhatIsMissing) {
  const auto query = decode({});
  EXPECT_EQ(query.error().message,
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: "
            "Member must not be null");
  const auto ec2 = decode({}, {.member = false, .ec2 = true});
  EXPECT_EQ(ec2.error().code.name, "MissingParameter");
  EXPECT_EQ(ec2.error().message, "The request must contain the parameter UserName");
}

TEST(Form, ListsHaveTheirLimit) {
  EXPECT_FALSE(decode({{"UserName", "a"},
                       {"Tags.member.1.Key", "a"},
                       {"Tags.member.2.Key", "b"},
                       {"Tags.member.3.Key", "c"}}));
}

TEST(Form, AListWithAGapOrOfAnotherFormIsRefusedAndNotForgotten) {
  for (const char* name : {"Tags.member.2.Key", "Tags.member.0.Key", "Tags.member.01.Key",
                           "Tags.1.Key", "Tags.member.x"})
    EXPECT_FALSE(decode({{"UserName", "a"}, {name, "k"}})) << name;
}

TEST(Form, OfARepeatedParameterTheFirstCounts) {
  EXPECT_EQ(decode({{"UserName", "a"}, {"UserName", "b"}})->user_name.str(), "a");
}

struct Output {
  std::vector<Tag> tags;
  std::optional<std::string> absent;
  bool yes = true;
  static constexpr auto shape =
      fields(optional<&Output::tags>("Tags").as("tagSet"), optional<&Output::absent>("Absent"),
             optional<&Output::yes>("Yes"));
};

TEST(Encode, WritesListsWithTheProtocolsItemAndLeavesAbsentMembersOut) {
  Output output;
  output.tags.push_back({*Text<ShortRule>::parse("a"), "<1>"});
  XmlWriter xml("R", "");
  encode_xml(xml, Output::shape, &output, {.item = "item"});
  EXPECT_EQ(
      xml.finish(),
      "<?xml version=\"1.0\" "
      "encoding=\"UTF-8\"?>\n<R><tagSet><item><Key>a</Key><Value>&lt;1&gt;</Value></item></tagSet>"
      "<Yes>true</Yes></R>");
}

}  // namespace
}  // namespace larder::aws
