// What a request asks leave for, and what the audit tells of it.
#include "aws/call.h"

#include <gtest/gtest.h>

namespace larder::aws {
namespace {

/// Rules as the action says: "allowed", "explicitDeny", "implicitDeny".
class AsAsked final : public Authorizer {
 public:
  Ruling rule(const Caller&, const Demand& demand) const override {
    return {.allowed = demand.action == "allowed",
            .decision = demand.action,
            .decided_by = {},
            .policy = {},
            .message = demand.action == "allowed" ? "" : "no: " + demand.resource};
  }
};

class NoAudit final : public AuditSink {
 public:
  bool ready() const override { return true; }
  Result<void> append(const AuditEvent&) override { return {}; }
};

class AskingCall final : public PipelineCall {
 public:
  AskingCall(const Authorizer& authorizer, AuditSink& audit)
      : PipelineCall(authorizer, audit, nullptr, sigv4::Dialect::s3) {}
  Result<void> decode(std::span<const Field>, void*) override { return {}; }
  Result<Answer> encode(std::span<const Field>, const void*) override { return Answer{}; }
};

class Asking : public ::testing::Test {
 protected:
  void ask(std::string action, std::string resource) {
    const bool allowed = action == "allowed";
    EXPECT_EQ(
        call_.authorize({.action = std::move(action), .resource = std::move(resource)}).has_value(),
        allowed);
  }

  AsAsked authorizer_;
  NoAudit audit_;
  AskingCall call_{authorizer_, audit_};
};

TEST_F(Asking, TheAuditTellsTheFirstDenial) {
  ask("allowed", "a");
  ask("implicitDeny", "b");
  ask("explicitDeny", "c");
  ask("allowed", "d");
  EXPECT_EQ(call_.event.ruling.decision, "implicitDeny");
  EXPECT_EQ(call_.event.ruling.message, "no: b");
  EXPECT_EQ(call_.event.authorized.size(), 2u);
  EXPECT_EQ(call_.event.refused.size(), 2u);
}

TEST_F(Asking, TheAuditTellsAnAllowWhereNothingWasDenied) {
  ask("allowed", "a");
  ask("allowed", "b");
  EXPECT_EQ(call_.event.ruling.decision, "allowed");
}

}  // namespace
}  // namespace larder::aws
