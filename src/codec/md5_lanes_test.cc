// The oracle is OpenSSL's MD5 (codec/digest.h).
#include "codec/md5_lanes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "codec/base64.h"
#include "codec/digest.h"

namespace larder {
namespace {

std::string some_bytes(std::mt19937& random, std::size_t count) {
  std::string bytes(count, '\0');
  for (auto& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// Lengths of which many are short and some are long.
std::size_t some_length(std::mt19937& random) {
  constexpr std::size_t bounds[] = {0, 3, 64, 300, 5'000, 100'000};
  return random() % (bounds[random() % std::size(bounds)] + 1);
}

// RFC 1321 §A.5.
TEST(Md5, GivesTheDigestsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", "d41d8cd98f00b204e9800998ecf8427e"},
      {"a", "0cc175b9c0f1b6a831c399e269772661"},
      {"abc", "900150983cd24fb0d6963f7d28e17f72"},
      {"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
       "57edf4a22be3c955ac49da2e2107b67a"}};
  for (const auto& [text, digest] : vectors) {
    Md5 md5;
    md5.update(text);
    EXPECT_EQ(hex_encode(md5.finish()), digest) << text;
  }
}

TEST(Md5, AloneItIsOpenSslsForEveryShortLengthWhereverItIsCut) {
  std::mt19937 random(1);
  const auto bytes = some_bytes(random, 300);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const auto text = std::string_view(bytes).substr(0, length);
    const auto cut = random() % (length + 1);
    Md5 whole;
    whole.update(text);
    EXPECT_EQ(whole.finish(), md5(text)) << length;
    Md5 halves;
    halves.update(text.substr(0, cut));
    halves.update(text.substr(cut));
    EXPECT_EQ(halves.finish(), md5(text)) << length << " cut at " << cut;
  }
}

class Md5Together : public ::testing::TestWithParam<Md5Path> {};

TEST_P(Md5Together, EveryShortLengthInEveryLane) {
  std::mt19937 random(2);
  const auto bytes = some_bytes(random, 300 + 64);
  // The streams of one call have neighbouring lengths, so each length passes through each lane.
  for (std::size_t first = 0; first <= 300; ++first) {
    std::vector<Md5> streams(md5_lanes(GetParam()));
    std::vector<Md5Update> updates;
    std::vector<std::string_view> texts;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      texts.push_back(std::string_view(bytes).substr(i, (first + i) % 301));
      updates.push_back({&streams[i], texts[i]});
    }
    md5_update(updates, GetParam());
    for (std::size_t i = 0; i < streams.size(); ++i)
      ASSERT_EQ(streams[i].finish(), md5(texts[i])) << texts[i].size() << " bytes in lane " << i;
  }
}

TEST_P(Md5Together, AnyNumberOfStreamsOfAnyLengthCutAnywhere) {
  struct Stream {
    std::string bytes;
    std::size_t given = 0;
    Md5 md5;
  };
  for (unsigned seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::vector<Stream> streams(random() % (3 * md5_lanes(GetParam())));
    for (auto& stream : streams) stream.bytes = some_bytes(random, some_length(random));
    const auto ended = [](const Stream& s) { return s.given == s.bytes.size(); };
    while (!std::ranges::all_of(streams, ended)) {
      std::vector<Md5Update> updates;
      for (auto& stream : streams) {
        if (random() % 4 == 0) continue;  // this one has nothing to hash now
        const auto left = std::string_view(stream.bytes).substr(stream.given);
        const auto count = std::min(left.size(), some_length(random));
        updates.push_back({&stream.md5, left.substr(0, count)});
        stream.given += count;
      }
      std::ranges::shuffle(updates, random);
      md5_update(updates, GetParam());
    }
    for (auto& stream : streams)
      ASSERT_EQ(stream.md5.finish(), md5(stream.bytes)) << stream.bytes.size() << " bytes";
  }
}

std::string name_of(const ::testing::TestParamInfo<Md5Path>& test) {
  constexpr const char* names[] = {"Portable", "Avx2", "Avx512"};
  return names[static_cast<std::size_t>(test.param)];
}

INSTANTIATE_TEST_SUITE_P(OfThisCpu, Md5Together, ::testing::ValuesIn(md5_paths()), name_of);

}  // namespace
}  // namespace larder
