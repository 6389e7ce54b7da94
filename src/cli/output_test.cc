#include "cli/output.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace larder::cli {
namespace {

TEST(Output, ShowsWhatATerminalWouldObeyOrHide) {
  EXPECT_EQ(printable("a\x1b[2J\nb\x7f"), R"(a\u001b[2J\u000ab\u007f)");
  EXPECT_EQ(printable("\xc2\x9b"), R"(\u009b)");
  EXPECT_EQ(printable("cat\u202egpj.exe\u2066\u2028\u200b\ufeff"),
            R"(cat\u202egpj.exe\u2066\u2028\u200b\ufeff)");
}

TEST(Output, LeavesTheLettersOfAllLanguages) {
  const std::string text = "é שלום 中文 😀 … \"\\u202e\"";
  EXPECT_EQ(printable(text), text);
}

TEST(Output, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(printable("a\xff"
                      "b\xe2\x80"),
            "a\ufffd"
            "b\ufffd\ufffd");
}

TEST(Output, PrintableJsonHasTheSameContent) {
  const boost::json::value value{{"a\u202e", "b\x1b\"\\\u2028\x7f"}};
  const std::string json = printable(boost::json::serialize(value));
  EXPECT_EQ(json.find("\u202e"), std::string::npos);
  EXPECT_EQ(boost::json::parse(json), value);
}

}  // namespace
}  // namespace larder::cli
