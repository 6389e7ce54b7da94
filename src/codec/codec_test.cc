#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "codec/base64.h"
#include "codec/checksums.h"
#include "codec/digest.h"
#include "codec/iso8601.h"
#include "codec/json.h"
#include "codec/uri.h"
#include "codec/utf8.h"
#include "codec/xml.h"

namespace larder {
namespace {

// RFC 4648 §10.
TEST(Base64, EncodesAndDecodesTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
      {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
  for (const auto& [plain, text] : vectors) {
    EXPECT_EQ(base64_encode(plain), text);
    EXPECT_EQ(base64_decode(text), plain);
  }
}

TEST(Base64, RefusesBadAlphabetPaddingAndStrayBits) {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Z===", "Zm9v\n", "Zm 9", "=Zg=", "Zm8=Zm8="})
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
}

TEST(Hex, RoundTripsAndRefusesOddOrForeignText) {
  EXPECT_EQ(hex_decode(hex_encode(std::string_view("\0\xff\x10", 3))),
            std::string("\0\xff\x10", 3));
  EXPECT_EQ(hex_decode("abc"), std::nullopt);
  EXPECT_EQ(hex_decode("zz"), std::nullopt);
}

TEST(Uri, EncodesAllButTheUnreserved) {
  EXPECT_EQ(percent_encode("a b/c+~é"), "a%20b%2Fc%2B~%C3%A9");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("%2"), std::nullopt);
  EXPECT_EQ(percent_decode("%zz"), std::nullopt);
}

TEST(Uri, AFormTurnsPlusIntoASpaceAndAQueryDoesNot) {
  EXPECT_EQ(parse_form("a=1+2&b", 10), (Parameters{{"a", "1 2"}, {"b", ""}}));
  EXPECT_EQ(parse_query("a=1+2&b&&"), (Parameters{{"a", "1+2"}, {"b", ""}}));
  EXPECT_EQ(parse_form("a=1&b=2", 1), std::nullopt);
}

TEST(Iso8601, WritesEveryFormAndReadsItBack) {
  const auto time = parse_iso8601("2013-05-24T01:02:03.456Z");
  ASSERT_TRUE(time);
  EXPECT_EQ(format_iso8601(*time), "2013-05-24T01:02:03Z");
  EXPECT_EQ(format_iso8601_millis(*time), "2013-05-24T01:02:03.456Z");
  EXPECT_EQ(format_basic(*time), "20130524T010203Z");
  EXPECT_EQ(format_http_date(*time), "Fri, 24 May 2013 01:02:03 GMT");
  EXPECT_EQ(parse_basic("20130524T010203Z"), parse_iso8601("2013-05-24T01:02:03Z"));
  EXPECT_EQ(parse_http_date("Fri, 24 May 2013 01:02:03 GMT"), parse_basic("20130524T010203Z"));
  EXPECT_EQ(parse_iso8601("2013-05-24T03:02:03+02:00"), parse_iso8601("2013-05-24T01:02:03Z"));
}

TEST(Iso8601, RefusesWhatIsNoTime) {
  for (const char* bad : {"", "2013", "2013-13-01", "2013-02-30", "2013-05-24T25:00:00Z",
                          "2013-05-24T01:02:03ZZ", "-013-05-24", "2013-05-24T01:02:03.Z"})
    EXPECT_EQ(parse_iso8601(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_basic("20130524T0102033"), std::nullopt);
  EXPECT_EQ(parse_http_date("24 May 2013 01:02:03 GMT"), std::nullopt);
}

TEST(Digest, MatchesPublishedValues) {
  EXPECT_EQ(hex_encode(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321 A.5
  EXPECT_EQ(sha256_hex(""), empty_sha256_hex);
  // RFC 4231, test case 2.
  EXPECT_EQ(hex_encode(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// The check values of the CRC RevEng catalogue: the CRC of "123456789".
TEST(Checksums, MatchTheCatalogue) {
  const std::pair<ChecksumAlgorithm, const char*> vectors[] = {
      {ChecksumAlgorithm::crc32, "cbf43926"},
      {ChecksumAlgorithm::crc32c, "e3069283"},
      {ChecksumAlgorithm::crc64nvme, "ae8b14860a799888"},
      {ChecksumAlgorithm::sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"}};
  for (const auto& [algorithm, expected] : vectors) {
    auto checksum = make_checksum(algorithm);
    checksum->update("1234");
    checksum->update("56789");
    EXPECT_EQ(hex_encode(checksum->finish()), expected) << checksum_name(algorithm);
  }
}

TEST(Checksums, TheCrcOfPartsCombinesIntoThatOfTheWhole) {
  const std::string text(100'003, 'x');
  for (const auto algorithm :
       {ChecksumAlgorithm::crc32, ChecksumAlgorithm::crc32c, ChecksumAlgorithm::crc64nvme}) {
    auto crc = [&](std::string_view bytes) {
      auto checksum = make_checksum(algorithm);
      checksum->update(bytes);
      return checksum->finish();
    };
    const std::string_view whole = text;
    EXPECT_EQ(combine_crc(algorithm, crc(whole.substr(0, 777)), crc(whole.substr(777)),
                          text.size() - 777),
              crc(whole));
    EXPECT_EQ(combine_crc(algorithm, crc(whole), crc(""), 0), crc(whole));
  }
}

TEST(Xml, EscapesWhatItWrites) {
  XmlWriter xml("Root", "ns");
  xml.element("Key", "a<b>&\"\x01");
  xml.open("List");
  xml.number("N", 7);
  EXPECT_EQ(xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Root "
            "xmlns=\"ns\"><Key>a&lt;b&gt;&amp;&quot;&#x1;</Key>"
            "<List><N>7</N></List></Root>");
}

TEST(Xml, WritesNothingThatIsNoCharacter) {
  auto written = [](std::string_view text) {
    XmlWriter xml("a", "");
    xml.text(text);
    const auto whole = xml.finish();
    const auto start = whole.find("<a>") + 3;
    return whole.substr(start, whole.size() - start - 4);
  };
  const std::string replaced = "\xEF\xBF\xBD";
  EXPECT_EQ(written("\xff"
                    "b"),
            replaced + "b");
  EXPECT_EQ(written(std::string_view("a\0b", 3)), "a" + replaced + "b");
  EXPECT_EQ(written("\xEF\xBF\xBE"), replaced + replaced + replaced);  // U+FFFE
  EXPECT_EQ(written("\xC0\x80"), replaced + replaced);                 // overlong
  EXPECT_EQ(written("\xE2\x82"), replaced + replaced);                 // cut off
  EXPECT_EQ(written("\xED\x95\x9C \xF0\x9F\x98\x80"), "\xED\x95\x9C \xF0\x9F\x98\x80");
}

TEST(Xml, RefusesEntitiesDepthAndWhatIsNotWellFormed) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  for (const std::string& bad : {std::string(""), std::string("<a>"),
                                 std::string("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), deep}) {
    const auto parsed = parse_xml(bad);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code.name, "MalformedXML");
  }
  for (const char* bad : {"<a/>junk", "<a/><b/>", "junk<a/>", "<a>&#0;</a>", "<a>x&#x0;y</a>",
                          "<a>&foo;</a>", "<a>&</a>", "<a>&#xD800;</a>", "<![CDATA[x]]><a/>"})
    EXPECT_FALSE(parse_xml(bad)) << bad;
  EXPECT_FALSE(parse_xml(std::string_view("<a>\0</a>", 8)));
  EXPECT_TRUE(parse_xml(" <!-- & --><a>&amp;&#x41;<![CDATA[&foo; <]]></a>\n"));
  EXPECT_TRUE(parse_xml("<?xml version=\"1.0\"?><a xmlns=\"x\"><b>1</b></a>"));
}

TEST(Xml, TheTextOfAnElementIsAllOfIt) {
  const auto parsed = parse_xml("<a>vic<![CDATA[t]]>i<!--x-->m</a>");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(text_of((*parsed)->document_element()), "victim");
}

TEST(Json, RefusesDepthAndTrailingText) {
  EXPECT_TRUE(parse_json("{\"a\":[1,2]}"));
  EXPECT_FALSE(parse_json("{} x"));
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')));
}

TEST(Utf8, ReadsCharacterByCharacterAndReplacesWhatIsNone) {
  const auto first = [](std::string_view text) {
    const auto [code, length] = first_character(text);
    return std::pair(code, length);
  };
  EXPECT_EQ(first("ab"), std::pair(0x61u, 1zu));
  EXPECT_EQ(first("\xc2\x9b"), std::pair(0x9bu, 2zu));
  EXPECT_EQ(first("\xe2\x80\xaex"), std::pair(0x202eu, 3zu));
  EXPECT_EQ(first("\xf0\x9f\x98\x80"), std::pair(0x1f600u, 4zu));
  constexpr auto none = std::pair(replacement_character, 1zu);
  for (const char* bad :
       {"\x80", "\xc2", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    EXPECT_EQ(first(bad), none);
}

TEST(Utf8, KnowsWhatDeceivesAReader) {
  for (const std::uint32_t code : {0x00u, 0x0au, 0x1bu, 0x7fu, 0x80u, 0x9bu, 0x061cu, 0x200bu,
                                   0x200fu, 0x2028u, 0x202eu, 0x2066u, 0x2069u, 0xfeffu})
    EXPECT_TRUE(is_deceptive(code)) << code;
  for (const std::uint32_t code : {0x20u, 0x7eu, 0xa0u, 0xe9u, 0x5d0u, 0x2010u, 0x2026u, 0x4e2du,
                                   replacement_character, 0x1f600u})
    EXPECT_FALSE(is_deceptive(code)) << code;
}

}  // namespace
}  // namespace larder
