// Patterns as the sets of texts that they match: whether two have a text in common, whether one
// holds all of the other. A policy variable stands for any text. Answers lean to one side where the
// question is too large or unclear, or the effort is spent: "may overlap" to yes, "covers" to no.
#pragma once

#include <cstdint>
#include <string_view>

namespace larder::policy {

enum class Letters : std::uint8_t { exact, any_case };

/// What comparing may cost, in steps of some nanoseconds: one for all the comparisons of a
/// document, which are as many as the square of its length.
class Effort {
 public:
  explicit Effort(std::uint64_t steps) : left_(steps) {}

  /// False when less is left; then nothing is left.
  bool spend(std::uint64_t steps) {
    const bool enough = steps <= left_;
    left_ = enough ? left_ - steps : 0;
    return enough;
  }
  bool is_spent() const { return left_ == 0; }

 private:
  std::uint64_t left_;
};

/// Some text matches both.
bool may_overlap(std::string_view a, std::string_view b, Letters letters, Effort& effort);
/// Every text that `inner` matches, `outer` matches.
bool covers(std::string_view outer, std::string_view inner, Letters letters, Effort& effort);

/// The same for patterns of resources, which are compared component by component.
bool arns_may_overlap(std::string_view a, std::string_view b, Effort& effort);
bool arn_covers(std::string_view outer, std::string_view inner, Effort& effort);

/// Some resource of the type matches the pattern. `type` is ResourceType::pattern: where all of the
/// last component is one `*`, it is a name without a slash.
bool may_be_of_type(std::string_view arn, std::string_view type, Effort& effort);

}  // namespace larder::policy
