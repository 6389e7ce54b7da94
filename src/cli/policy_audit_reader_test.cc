#include "cli/policy_audit_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace larder::cli {
namespace {

const std::string alice = "arn:aws:iam::111122223333:user/alice";
const std::string role = "arn:aws:iam::111122223333:role/team/uploader";
const std::string session = "arn:aws:sts::111122223333:assumed-role/uploader/i-1";

std::string identity(const std::string& arn) {
  if (arn == alice) return R"("userIdentity":{"type":"IAMUser","arn":")" + arn + R"("})";
  return R"("userIdentity":{"type":"AssumedRole","arn":")" + arn +
         R"(","sessionContext":{"sessionIssuer":{"arn":")" + role + R"("}}})";
}

std::string event(const std::string& arn, const std::string& key, const std::string& more = "") {
  return "{" + identity(arn) + R"(,"eventTime":"2026-11-23T12:00:01Z",)" + more +
         R"("additionalEventData":{"decision":"allowed","authorized":[{"action":"s3:GetObject",)" +
         R"("resource":"arn:aws:s3:::photos/)" + key + R"("}]}})";
}

/// Keys in 2026/ that were read: more than a suggestion keeps apart.
std::vector<std::string> six_reads() {
  std::vector<std::string> lines;
  for (const char* key : {"2026/1", "2026/2", "2026/3", "2026/4", "2026/5", "2026/6"})
    lines.push_back(event(alice, key));
  return lines;
}

/// As a server writes a refusal; `data`: what additionalEventData says beside the decision.
std::string refusal(const std::string& data, const std::string& code = "AccessDenied") {
  return "{" + identity(alice) + R"(,"eventTime":"2026-11-23T12:00:01Z",)" +
         (code.empty() ? "" : R"("errorCode":")" + code + R"(",)") +
         R"("additionalEventData":{"decision":"implicitDeny",)" + data + "}}";
}

std::string reason(const std::string& on_resource) {
  return R"("reason":"User: )" + alice + " is not authorized to perform: s3:GetObject" +
         on_resource + R"( because no identity-based policy allows the s3:GetObject action")";
}

class Folder {
 public:
  Folder() : path_(std::filesystem::path(testing::TempDir()) / "larder-audit-reader") {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  const std::filesystem::path path_;
};

struct Read {
  AuditCounts counts;
  std::string document;  // empty: nothing was taken
};

Read read_lines(const std::string& principal, const std::vector<std::string>& lines) {
  const Folder folder;
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  folder.write("audit-1.jsonl", text);
  AuditReader reader(principal);
  const auto uses = reader.read(folder.path("audit-1.jsonl"));
  if (!uses) {
    ADD_FAILURE() << uses.error().message;
    return {};
  }
  return {reader.counts(), uses->empty() ? std::string() : uses->suggest().document};
}

TEST(AuditReader, TakesTheEventsOfTheUser) {
  const Read read = read_lines(alice, {event(alice, "a"), event(session, "b")});
  EXPECT_EQ(read.counts.events, 1u);
  EXPECT_EQ(read.counts.lines, 2u);
  EXPECT_NE(read.document.find("arn:aws:s3:::photos/a"), std::string::npos);
  EXPECT_EQ(read.document.find("arn:aws:s3:::photos/b"), std::string::npos);
}

TEST(AuditReader, OfARoleTakesAllItsSessionsAndOfASessionThatOne) {
  const std::string other = "arn:aws:sts::111122223333:assumed-role/uploader/i-2";
  const std::vector<std::string> lines{event(session, "a"), event(other, "b"), event(alice, "c")};
  EXPECT_EQ(read_lines(role, lines).counts.events, 2u);
  EXPECT_EQ(read_lines(session, lines).counts.events, 1u);
}

TEST(AuditReader, WhatWasRefusedIsNotTaken) {
  const Read read = read_lines(alice, {event(alice, "a", R"("errorCode":"AccessDenied",)"),
                                       event(alice, "b", R"("errorCode":"NoSuchKey",)")});
  EXPECT_EQ(read.counts.events_refused, 1u);
  EXPECT_EQ(read.counts.events, 1u);
}

TEST(AuditReader, WhatCannotBeReadIsCounted) {
  const Read read = read_lines(alice, {"", "{", "[]", "\x1f\x8b", event(alice, "a")});
  EXPECT_EQ(read.counts.lines, 5u);
  EXPECT_EQ(read.counts.lines_unreadable, 4u);
  EXPECT_EQ(read.counts.events, 1u);
}

TEST(AuditReader, EventsThatDoNotTellAllAreCounted) {
  const std::string old =
      "{" + identity(alice) + R"(,"additionalEventData":{"decision":"allowed"}})";
  const std::string free = "{" + identity(alice) + R"(,"additionalEventData":{}})";
  std::string part = event(alice, "a");
  part.insert(part.size() - 2, R"(,"leftOut":3)");
  const std::string odd =
      "{" + identity(alice) +
      R"(,"additionalEventData":{"authorized":[{"action":"nonsense","resource":7}]}})";
  const Read read = read_lines(alice, {old, free, part, odd});
  EXPECT_EQ(read.counts.events_without_uses, 1u);
  EXPECT_EQ(read.counts.events, 2u);
  EXPECT_EQ(read.counts.events_incomplete, 2u);
}

const std::string whole_folder = R"("arn:aws:s3:::photos/2026/*")";

TEST(AuditReader, WhatIsTakenTogetherLeavesOutWhatWasRefusedLater) {
  auto lines = six_reads();
  EXPECT_NE(read_lines(alice, lines).document.find(whole_folder), std::string::npos);
  lines.push_back(
      refusal(R"("refused":[{"action":"s3:GetObject","resource":"arn:aws:s3:::photos/2026/7"}])"));
  const Read read = read_lines(alice, lines);
  EXPECT_EQ(read.document.find(whole_folder), std::string::npos);
  EXPECT_EQ(read.counts.events_refused, 1u);
  EXPECT_EQ(read.counts.events_refused_where, 0u);
}

TEST(AuditReader, WhatWasRefusedOfADeleteObjectsCountsThough) {
  auto lines = six_reads();
  lines.push_back(
      refusal(R"("refused":[{"action":"s3:GetObject","resource":"arn:aws:s3:::photos/2026/7"}],)"
              R"("authorized":[{"action":"s3:GetObject","resource":"arn:aws:s3:::photos/2026/8"}])",
              ""));
  const Read read = read_lines(alice, lines);
  EXPECT_EQ(read.counts.events, 7u);
  EXPECT_EQ(read.document.find(whole_folder), std::string::npos);
  EXPECT_NE(read.document.find("arn:aws:s3:::photos/2026/8"), std::string::npos);
}

TEST(AuditReader, AnOlderLogTellsInTheReasonWhatWasRefused) {
  const auto with = [](const std::string& line) {
    auto lines = six_reads();
    lines.push_back(line);
    return read_lines(alice, lines);
  };
  const Read plain = with(refusal(reason(R"( on resource: \"arn:aws:s3:::photos/2026/7\")")));
  EXPECT_EQ(plain.document.find(whole_folder), std::string::npos);
  EXPECT_EQ(plain.counts.events_refused_where, 0u);
  // What a key says is not the reason.
  const Read forged = with(refusal(reason(
      R"( on resource: \"arn:aws:s3:::photos/2026/7\" because no identity-based policy\")")));
  EXPECT_EQ(forged.document.find(whole_folder), std::string::npos);
  const Read elsewhere = with(refusal(reason(R"( on resource: \"arn:aws:s3:::photos/x\")")));
  EXPECT_NE(elsewhere.document.find(whole_folder), std::string::npos);
  const Read untold = with(refusal(R"("reason":"Access Denied")"));
  EXPECT_NE(untold.document.find(whole_folder), std::string::npos);
  EXPECT_EQ(untold.counts.events_refused_where, 1u);
}

TEST(AuditReader, WhatSomebodyElseWasRefusedIsNoMatter) {
  auto lines = six_reads();
  std::string other =
      refusal(R"("refused":[{"action":"s3:GetObject","resource":"arn:aws:s3:::photos/2026/7"}])");
  other.replace(other.find("user/alice"), 10, "user/bobby");
  lines.push_back(other);
  EXPECT_NE(read_lines(alice, lines).document.find(whole_folder), std::string::npos);
}

TEST(AuditReader, ReadsADirectoryInOrderAndPassesOverTheRest) {
  const Folder folder;
  folder.write("audit-2.jsonl", event(alice, "b") + "\n");
  folder.write("audit-1.jsonl", event(alice, "a") + "\n" + event(alice, "c"));
  folder.write("audit-0.jsonl.gz", "\x1f\x8b");
  AuditReader reader(alice);
  const auto uses = reader.read(folder.path());
  ASSERT_TRUE(uses.has_value()) << uses.error().message;
  EXPECT_EQ(reader.counts().files, 2u);
  EXPECT_EQ(reader.counts().files_passed_over, 1u);
  EXPECT_EQ(reader.counts().events, 3u);
  EXPECT_EQ(uses->suggest().evidence[0].examples.front(), "arn:aws:s3:::photos/a");
}

TEST(AuditReader, ADirectoryWithoutALogSaysWhereItIs) {
  const Folder folder;
  folder.write("audit/audit-1.jsonl", "");
  AuditReader reader(alice);
  const auto read = reader.read(folder.path());
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("the log is in " + folder.path() + "/audit"),
            std::string::npos)
      << read.error().message;
  EXPECT_FALSE(reader.read(folder.path("none")).has_value());
}

}  // namespace
}  // namespace larder::cli
