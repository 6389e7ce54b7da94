// An operation is a type, and everything the system knows about it stands in that type: its name,
// what it takes and gives, what it needs to be allowed, and what it does. From the lists of them
// derive routing, the audit's names, `larder operations` and the test against AWS's models.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "aws/authorizer.h"
#include "aws/caller.h"
#include "aws/shape.h"
#include "base/async/stream.h"
#include "base/async/task.h"
#include "base/clock.h"
#include "http/message.h"

namespace larder::aws {

class RequestBody;

/// What the pipeline loads before it decides: the owner and the policy of a resource. A service
/// derives its own (a bucket's record), so that run() need not look again.
struct Fact {
  virtual ~Fact() = default;
  std::string account;
  std::shared_ptr<const policy::NamedPolicy> policy;
};

/// Where the facts of a service come from. An error ends the request (NoSuchBucket).
class FactSource {
 public:
  virtual ~FactSource() = default;
  virtual Task<Result<std::shared_ptr<const Fact>>> load(std::string name) = 0;
};

/// An answer before it goes out.
struct Answer {
  int status = 200;
  http::Headers headers;
  std::string body;
  std::unique_ptr<ByteSource> stream;  // instead of body
  std::uint64_t stream_length = 0;
};

/// One request on its way: what needs() and run() may see of it. Lives until the answer is sent.
class Call {
 public:
  virtual ~Call() = default;

  Caller caller;
  Time now{};
  std::string request_id;
  std::string host;             // the Host header, for URLs in answers
  std::string bucket, key;      // S3: decoded
  RequestBody* body = nullptr;  // S3: the payload, verified as it is read

  /// A fact that a demand named; null when no demand did.
  template <class T>
  const T* fact(std::string_view name) const {
    const auto found = facts.find(name);
    return found == facts.end() ? nullptr : dynamic_cast<const T*>(found->second.get());
  }

  /// Asks again, for what shows only while running (each key of DeleteObjects). Facts that were
  /// loaded are filled in.
  virtual Result<void> authorize(Demand demand) = 0;

  // The three steps of the pipeline that serve() takes; operations do not call them.
  virtual Result<void> decode(std::span<const Field> fields, void* input) = 0;
  virtual Task<Result<void>> admit(Needs needs) = 0;
  virtual Result<Answer> encode(std::span<const Field> fields, const void* output) = 0;

 protected:
  std::map<std::string, std::shared_ptr<const Fact>, std::less<>> facts;
};

/// What is true of an operation beside its shapes.
enum class Effect { reads, changes };

/// An operation may have `validate(input)`: what AWS refuses before it asks who may.
/// `needs` is total and does no I/O: an unknown user still yields an ARN, so that a denial precedes
/// the news of what exists.
template <class Op>
concept OperationType =
    Shape<typename Op::Input> && Shape<typename Op::Output> &&
    requires(typename Op::Service& service, const typename Op::Service& view, Call& call,
             const Call& seen, const typename Op::Input& input, typename Op::Input moved) {
      { Op::name } -> std::convertible_to<std::string_view>;
      { Op::effect } -> std::convertible_to<Effect>;
      { Op::needs(view, seen, input) } -> std::same_as<Needs>;
      {
        Op::run(service, call, std::move(moved))
      } -> std::same_as<Task<Result<typename Op::Output>>>;
    };

struct Operation {
  std::string_view name;
  Effect effect;
  std::span<const Field> input;
  std::span<const Field> output;
  Task<Result<Answer>> (*serve)(void* service, Call& call);
};

/// decode → needs → facts → authorize → run → encode. Authentication came before, the audit comes
/// after; nothing steps around it.
template <OperationType Op>
Task<Result<Answer>> serve(void* service_pointer, Call& call) {
  auto& service = *static_cast<typename Op::Service*>(service_pointer);
  typename Op::Input input{};
  CO_TRY_VOID(call.decode(Op::Input::shape, &input));
  if constexpr (requires { Op::validate(input); }) CO_TRY_VOID(Op::validate(input));
  auto needs = Op::needs(service, call, input);
  auto admitted = co_await call.admit(std::move(needs));
  if (!admitted) co_return fail(std::move(admitted).error());
  auto output = co_await Op::run(service, call, std::move(input));
  if (!output) co_return fail(std::move(output).error());
  auto answer = call.encode(Op::Output::shape, &*output);
  if constexpr (requires { output->status; }) {
    if (answer) answer->status = output->status;
  }
  if constexpr (requires { output->stream; }) {
    if (answer) {
      answer->stream = std::move(output->stream);
      answer->stream_length = output->stream_length;
    }
  }
  co_return answer;
}

template <OperationType Op>
constexpr Operation describe() {
  return {Op::name, Op::effect, Op::Input::shape, Op::Output::shape, &serve<Op>};
}

/// A table of operations, for a file that declares some of a service's.
template <OperationType... Op>
constexpr std::array<Operation, sizeof...(Op)> operations() {
  return {describe<Op>()...};
}

}  // namespace larder::aws
