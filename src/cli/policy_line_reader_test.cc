#include "cli/policy_line_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace larder::cli {
namespace {

/// A pipe; what is written is there to be read.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int reader() const { return ends_[0]; }
  void write(const std::string& text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> lines_of(const std::string& text, std::size_t line_max) {
  Pipe pipe;
  pipe.write(text);
  pipe.close_writer();
  LineReader reader(pipe.reader(), line_max);
  std::vector<std::string> lines;
  while (const auto line = reader.next())
    lines.push_back(line->too_long ? "(too long)" : std::string(line->text));
  EXPECT_EQ(reader.error(), 0);
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, HandsOutLinesInOrder) {
  EXPECT_EQ(lines_of("a\n\nb\n", 10), (Lines{"a", "", "b"}));
  EXPECT_EQ(lines_of("", 10), Lines{});
  EXPECT_EQ(lines_of("\n", 10), Lines{""});
}

TEST(LineReader, TheLastLineNeedsNoNewline) { EXPECT_EQ(lines_of("a\nb", 10), (Lines{"a", "b"})); }

TEST(LineReader, ALineThatIsTooLongIsPassedOverToItsEnd) {
  EXPECT_EQ(lines_of("12345\n123456\nnext\n", 5), (Lines{"12345", "(too long)", "next"}));
  EXPECT_EQ(lines_of("a\n123456", 5), (Lines{"a", "(too long)"}));
}

TEST(LineReader, ALineComesBeforeTheNextOneIsWritten) {
  Pipe pipe;
  LineReader reader(pipe.reader(), 100);
  pipe.write("first\nse");
  EXPECT_EQ(reader.next()->text, "first");
  EXPECT_FALSE(reader.has_next());
  pipe.write("cond\nthird\n");
  EXPECT_EQ(reader.next()->text, "second");
  EXPECT_TRUE(reader.has_next());
}

TEST(LineReader, AFailedReadIsTold) {
  LineReader reader(-1, 100);
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.error(), EBADF);
}

}  // namespace
}  // namespace larder::cli
