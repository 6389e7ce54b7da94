// The one way that every request of every service takes: decode → authenticate → needs → facts →
// authorize → run → encode → audit. It serves the S3 port and the local operator's Unix socket
// alike; only how the caller is known differs.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/audit.h"
#include "aws/authorizer.h"
#include "aws/caller.h"
#include "aws/operation.h"
#include "aws/request_line.h"
#include "aws/request_metrics.h"
#include "aws/signing_keys.h"
#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"
#include "sigv4/canonical.h"

namespace larder::aws {

/// A service whose requests are forms: IAM, STS, EC2, and Larder's own.
struct FormService {
  enum class Wire { query, ec2, json };
  std::string name;     // of the credential scope, and with ".amazonaws.com" of the audit
  std::string version;  // of the API: tells unsigned requests apart
  std::string xmlns;
  Wire wire = Wire::query;
  bool local_only = false;  // answers on the Unix socket alone
  FactSource* facts = nullptr;

  /// An operation and what its run() works on.
  struct Bound {
    Operation operation;
    void* service;
  };
  std::vector<Bound> operations{};

  void add(std::span<const Operation> more, void* service) {
    for (const auto& operation : more) operations.push_back({operation, service});
  }
  sigv4::Dialect dialect() const {
    return wire == Wire::ec2 ? sigv4::Dialect::ec2 : sigv4::Dialect::query;
  }
  const Bound* find(std::string_view operation) const;
};

struct S3Service {
  void* service = nullptr;
  FactSource* facts = nullptr;
  std::vector<S3Operation> operations;  // from make_s3_routes
};

struct PipelineOptions {
  std::string region = "us-east-1";
  std::vector<std::string> domains;  // for the host form of bucket names
};

/// Safe from any core once it is built; what it refers to outlives it.
class Pipeline final : public http::Service {
 public:
  Pipeline(PipelineOptions options, const CredentialDirectory& credentials,
           const Authorizer& authorizer, AuditSink& audit, const Clock& clock, Random& random)
      : options_(std::move(options)),
        credentials_(credentials),
        authorizer_(authorizer),
        audit_(audit),
        clock_(clock),
        random_(random) {}

  // While it is being built.
  void add(FormService service) { form_services_.push_back(std::move(service)); }
  void set(S3Service service) { s3_ = std::move(service); }
  /// Counts from now on, by the operations of the services that are there. Last, and once.
  void register_metrics(metrics::Registry& registry);

  Task<void> serve(http::Request& request, http::ResponseWriter& response) override;

  /// For `larder operations` and the test against AWS's models.
  const std::vector<FormService>& form_services() const { return form_services_; }
  const S3Service& s3() const { return s3_; }

 private:
  friend class Exchange;
  friend class FormExchange;
  friend class S3Exchange;

  const FormService* choose(const http::Request& request, const Target& target) const;
  /// `form`: null for S3.
  void record(const FormService* form, std::optional<std::size_t> operation, const Served& served);
  Task<void> refuse(const Error& error, http::ResponseWriter& response);

  const PipelineOptions options_;
  const CredentialDirectory& credentials_;
  SigningKeys signing_keys_;
  const Authorizer& authorizer_;
  AuditSink& audit_;
  const Clock& clock_;
  Random& random_;
  std::vector<FormService> form_services_;
  S3Service s3_;
  std::unique_ptr<RequestMetrics> metrics_;  // null: nobody asked
};

}  // namespace larder::aws
