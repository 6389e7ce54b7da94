// What random policies and requests are made of: one small alphabet for both.
#pragma once

#include <cstdint>
#include <string_view>

namespace larder::policy::test {

inline constexpr std::string_view accounts[] = {"111122223333", "444455556666"};

inline constexpr std::string_view canonical_ids[] = {
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"};

inline constexpr std::string_view user_ids[] = {"AIDAEXAMPLEEXAMPLE001", "AIDAEXAMPLEEXAMPLE002"};
inline constexpr std::string_view role_ids[] = {"AROAEXAMPLEEXAMPLE001", "AROAEXAMPLEEXAMPLE002"};

inline constexpr std::string_view actions[] = {
    "s3:GetObject",          "s3:PutObject",       "s3:ListBucket",
    "s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "iam:GetUser",
    "iam:PassRole",          "ec2:StopInstances",  "sts:AssumeRole"};
inline constexpr std::string_view trust_actions[] = {
    "sts:AssumeRole", "sts:TagSession", "sts:AssumeRoleWithWebIdentity", "sts:SetSourceIdentity"};

inline constexpr std::string_view resources[] = {"*",
                                                 "arn:aws:s3:::photos",
                                                 "arn:aws:s3:::photos/cat.jpg",
                                                 "arn:aws:s3:::photos/alice/1",
                                                 "arn:aws:s3:::photos/bob/1",
                                                 "arn:aws:s3:::photos/blue/café",
                                                 "arn:aws:s3:::photos/a:b/*",
                                                 "arn:aws:s3:::photos/${aws:username}",
                                                 "arn:aws:s3:::photos/名前/?",
                                                 "arn:aws:s3:::private/",
                                                 "arn:aws:iam::111122223333:user/alice",
                                                 "arn:aws:iam::444455556666:user/team/bob",
                                                 "arn:aws:iam::111122223333:role/Reader",
                                                 "arn:aws:ec2:us-east-1:111122223333:instance/i-1",
                                                 "arn:aws:ec2:us-east-1:444455556666:instance/i-2"};
inline constexpr std::string_view role_resources[] = {"arn:aws:iam::111122223333:role/Reader",
                                                      "arn:aws:iam::444455556666:role/apps/Writer"};

/// As they stand in policies: known, unknown, of several values, with defaults, escapes, malformed.
inline constexpr std::string_view variables[] = {"${aws:username}",
                                                 "${aws:username}",
                                                 "${AWS:UserName}",
                                                 "${aws:username, 'alice'}",
                                                 "${aws:PrincipalTag/team}",
                                                 "${aws:PrincipalTag/team, 'blue'}",
                                                 "${aws:PrincipalTag/team, 'a*'}",
                                                 "${aws:PrincipalTag/team, 'café'}",
                                                 "${aws:PrincipalTag/team, ''}",
                                                 "${aws:PrincipalAccount}",
                                                 "${aws:TagKeys}",
                                                 "${aws:TagKeys, 'a'}",
                                                 "${s3:prefix}",
                                                 "${ec2:SourceInstanceARN}",
                                                 "${app:nothing}",
                                                 "${*}",
                                                 "${?}",
                                                 "${$}",
                                                 "${}",
                                                 "${aws:username,'alice'}",
                                                 "${aws:username,  'alice'}",
                                                 "${app:nothing, 'a}b'c'}",
                                                 "${app:nothing, alice}",
                                                 "${a?b}",
                                                 "${aws:username, 'alice}",
                                                 "${aws:username",
                                                 "$"};

enum class ValueType : std::uint8_t { text, number, date, boolean, binary, address, arn };

struct KeyChoice {
  std::string_view name;
  ValueType type;
};
inline constexpr KeyChoice condition_keys[] = {{"aws:username", ValueType::text},
                                               {"aws:PrincipalTag/team", ValueType::text},
                                               {"s3:prefix", ValueType::text},
                                               {"aws:TagKeys", ValueType::text},
                                               {"s3:max-keys", ValueType::number},
                                               {"aws:CurrentTime", ValueType::date},
                                               {"aws:SecureTransport", ValueType::boolean},
                                               {"app:blob", ValueType::binary},
                                               {"aws:SourceIp", ValueType::address},
                                               {"aws:SourceArn", ValueType::arn},
                                               {"ec2:SourceInstanceARN", ValueType::arn},
                                               {"aws:PrincipalArn", ValueType::arn},
                                               {"aws:PrincipalAccount", ValueType::text}};

inline constexpr std::string_view texts[] = {
    "alice", "bob",  "Alice", "blue", "a",       "b",    "a*",     "",
    "café",  "CAFÉ", "名前",  "a/b",  "alice/1", "true", "Alice*", "111122223333"};
inline constexpr std::string_view numbers[] = {
    "0",  "-0", "1",  "01",  "1.0", "1.5",     "-1.5", "-1.25",
    "-2", "10", "9",  "10",  "-1",  "1.50001", "ten",  "",
    ".5", "+1", "5.", " 1 ", "1e3", ".",       "0x1",  "123456789012345678901234567890.5"};
/// Those that are dates first: parse() refuses others in most policies.
inline constexpr std::string_view dates[] = {"2024-05-31T10:00:00Z",
                                             "2024-05-31T12:00:00+02:00",
                                             "2024-05-31T10:00:00.5Z",
                                             "2024-05-31T10:00Z",
                                             "2024-05-31T10:00:00",
                                             "1717149600.5",
                                             "-86400",
                                             "2024-05-31",
                                             "2024-05",
                                             "2024",
                                             "1717149600",
                                             "1717149600",
                                             "0",
                                             "2024-02-29",
                                             "2024-05-31T09:59:59-00:01",
                                             "2023-02-29",
                                             "soon",
                                             ""};
inline constexpr std::size_t dates_readable = 15;
inline constexpr std::string_view booleans[] = {"true", "false", "TRUE", "False", "yes", ""};
inline constexpr std::string_view binaries[] = {"QQ==",     "QUI=", "QUJ=", "QQ=", "QUJD",
                                                "QmluYXJ5", "!!",   "QQ",   ""};
inline constexpr std::string_view addresses[] = {"203.0.113.9",
                                                 "203.0.113.0/24",
                                                 "203.0.113.77/24",
                                                 "203.0.113.0",
                                                 "203.0.0.0/16",
                                                 "10.0.0.1",
                                                 "0.0.0.0/0",
                                                 "10.0.0.0/33",
                                                 "2001:db8::/32",
                                                 "2001:db8:1::1",
                                                 "2001:DB8:1:0:0:0:0:1",
                                                 "::/0",
                                                 "::ffff:203.0.113.9",
                                                 "::ffff:203.0.113.0/120",
                                                 "nowhere",
                                                 "203.0.113"};
inline constexpr std::string_view arns[] = {"arn:aws:s3:::photos",
                                            "arn:aws:s3:::photos/a:b",
                                            "arn:aws:iam::111122223333:user/alice",
                                            "arn:aws:iam::111122223333:role/Reader",
                                            "arn:aws:s:r:x:111:f/a",
                                            "arn:aws:s3",
                                            "no ARN",
                                            "*"};

}  // namespace larder::policy::test
