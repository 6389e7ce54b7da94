// Policies and requests from a seed, for tests that ask many questions. The alphabets are small, so
// that what policies say and what requests bring meet often.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document.h"
#include "policy/evaluate.h"
#include "policy/testing/naive_evaluator.h"

namespace larder::policy::test {

/// The same everywhere for the same seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::size_t below(std::size_t end) { return static_cast<std::size_t>(engine_() % end); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T, std::size_t n>
  const T& pick(const T (&choices)[n]) {
    return choices[below(n)];
  }
  template <class T>
  const T& pick(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// The same policies for both evaluators. Immovable: set() points into it.
class RandomPolicies {
 public:
  RandomPolicies() = default;
  RandomPolicies(const RandomPolicies&) = delete;
  RandomPolicies& operator=(const RandomPolicies&) = delete;

  const NaivePolicies& naive() const { return naive_; }
  PolicySet set() const;
  /// The document behind a policy of set().
  const boost::json::value& document(const NamedPolicy& policy) const;

 private:
  friend class PolicyGenerator;

  NaivePolicies naive_{};
  std::vector<NamedPolicy> identity_{}, session_{}, service_control_{}, resource_control_{};
  std::optional<NamedPolicy> boundary_{}, resource_{};
};

class PolicyGenerator {
 public:
  explicit PolicyGenerator(std::uint64_t seed);

  std::unique_ptr<RandomPolicies> policies();
  NaiveRequest request(const RandomPolicies& policies);

  /// Documents made, and those of them that parse() refused, with its last words.
  std::size_t made() const { return made_; }
  std::size_t refused() const { return refused_; }
  const std::string& last_refusal() const { return last_refusal_; }

 private:
  struct Made {
    boost::json::value json;
    NamedPolicy policy;
  };
  struct Documents {
    std::vector<boost::json::value>& json;
    std::vector<NamedPolicy>& policies;
  };

  Made make(Kind kind, std::string name);
  void add(std::size_t count, Kind kind, std::string_view name, Documents to);

  Dice dice_;
  std::vector<NaiveRequest> callers_{};  // with the keys that follow from the principal
  std::size_t made_ = 0;
  std::size_t refused_ = 0;
  std::string last_refusal_{};
};

}  // namespace larder::policy::test
