// One request and its answer in one protocol. Not for use outside the pipeline.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "aws/authenticate.h"
#include "aws/call.h"
#include "aws/form.h"
#include "aws/pipeline.h"
#include "aws/request_body.h"

namespace larder::aws {

/// What both protocols share: the local caller, the audit event, the sending.
class Exchange {
 public:
  Exchange(Pipeline& pipeline, http::Request& request, http::ResponseWriter& response,
           const Target& target)
      : request_(request), response_(response), target_(target), pipeline_(pipeline) {}
  virtual ~Exchange() = default;

 protected:
  /// Whoever connected to the Unix socket, as its operator. AccessDenied unless they are root or
  /// the server's own user.
  Result<Caller> local_caller(Time now) const;
  void describe(PipelineCall& call, Time now, std::string source, std::string_view operation,
                Effect effect) const;
  /// What `answer` yields; InternalError, and a line in the log, when it throws: a bug or
  /// exhaustion of ours, of which the client still learns the request's id. A cancellation is
  /// thrown on.
  Task<Result<Answer>> guard(Task<Result<Answer>> answer, const PipelineCall& call);
  /// Appends the event; a change that cannot be written down answers with an error. The last that
  /// is done with the caller: it moves into the event.
  Result<void> write_audit(PipelineCall& call, const Error* error);
  /// Sends, and gives what is to be counted of it; `error`: what `answer` tells, null if it
  /// succeeded.
  Task<Served> send(Answer answer, const Error* error, const PipelineCall& call);
  /// Counts it and tells of it. `form`: null for S3; `operation`: its place in the service's list.
  void finish(const FormService* form, std::optional<std::size_t> operation, Served served,
              const PipelineCall& call) const;
  /// The headers by which the protocol names the request.
  virtual void add_request_id(http::Headers& headers, const std::string& request_id) const = 0;

  http::Request& request_;
  http::ResponseWriter& response_;
  const Target& target_;
  Pipeline& pipeline_;
};

class FormExchange final : public Exchange {
 public:
  FormExchange(Pipeline& pipeline, http::Request& request, http::ResponseWriter& response,
               const Target& target, const FormService& service)
      : Exchange(pipeline, request, response, target), service_(service) {}
  Task<void> run();

 private:
  class FormCall;

  Task<Result<void>> read_form(std::size_t at_most);
  Result<std::optional<Presented>> present_credential(Time now) const;
  Result<Caller> authenticate(Result<std::optional<Presented>> presented, Time now) const;
  Result<const FormService::Bound*> route() const;
  Task<Result<Answer>> answer(FormCall& call);
  Answer encode_error(const Error& error, const std::string& request_id) const;
  void add_request_id(http::Headers& headers, const std::string& request_id) const override;

  const FormService& service_;
  const FormService::Bound* bound_ = nullptr;
  std::string body_;
  Form form_;
};

class S3Exchange final : public Exchange {
 public:
  using Exchange::Exchange;
  Task<void> run();

 private:
  class S3Call;

  Result<void> authenticate(S3Call& call);
  Result<void> open_body(std::optional<sigv4::Payload> payload,
                         std::optional<sigv4::ChunkSigning> signing, S3Call& call);
  Task<Result<Answer>> answer(S3Call& call);
  Answer encode_error(const Error& error, const S3Call& call) const;
  void add_request_id(http::Headers& headers, const std::string& request_id) const override;

  S3Resource resource_;
  const S3Operation* operation_ = nullptr;
  std::unique_ptr<RequestBody> body_;
};

}  // namespace larder::aws
