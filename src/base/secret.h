// A text that must not leak: it has no formatter and no stream operator, compares in constant time
// and wipes itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace larder {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  /// The text itself, for the one place that hashes, seals or hands it to its owner. The name is
  /// meant to stand out in review.
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

  /// Constant time in the content; the length is not secret.
  bool operator==(const Secret& other) const;

 private:
  void wipe();
  std::string text_;
};

/// Constant time in the content; false at once when the lengths differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace larder
