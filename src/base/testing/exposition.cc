#include "base/testing/exposition.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace larder::metrics::testing {
namespace {

using Labels = std::map<std::string, std::string>;

/// One line, from its front.
class Cursor {
 public:
  explicit Cursor(std::string_view line) : rest_(line) {}

  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  /// Empty: there is none.
  std::string name(bool colons) {
    std::size_t size = 0;
    for (const char c : rest_) {
      const bool letter =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
      if (!letter && !(size > 0 && c >= '0' && c <= '9')) break;
      ++size;
    }
    return take_front(size);
  }
  /// What stands in quotes, behind the opening one; takes the closing one too.
  std::optional<std::string> quoted() {
    std::string out;
    while (!rest_.empty()) {
      const auto c = take_front(1)[0];
      if (c == '"') return out;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (take("n")) {
        out += '\n';
      } else if (rest_.starts_with('\\') || rest_.starts_with('"')) {
        out += take_front(1);
      } else {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }
  std::optional<double> number() {
    if (take("+Inf")) return std::numeric_limits<double>::infinity();
    if (take("-Inf")) return -std::numeric_limits<double>::infinity();
    if (take("NaN")) return std::numeric_limits<double>::quiet_NaN();
    double value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  bool at_end() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string take_front(std::size_t size) {
    std::string front(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return front;
  }
  std::string_view rest_;
};

/// The buckets of one series of a histogram, as they come.
struct Buckets {
  double bound = -std::numeric_limits<double>::infinity();
  double count = 0;
  bool has_sum = false, has_count = false;
};

class Parser {
 public:
  /// What is wrong with the line; empty: nothing.
  std::string line(std::string_view text) {
    Cursor cursor(text);
    if (cursor.take("# HELP ")) return help(cursor);
    if (cursor.take("# TYPE ")) return type(cursor);
    return sample(cursor);
  }
  std::string end_of_family() {
    if (!helped_.empty()) return "no TYPE after the HELP of " + helped_;
    for (const auto& [labels, buckets] : buckets_)
      if (!buckets.has_sum || !buckets.has_count) return "a histogram without _sum or _count";
    buckets_.clear();
    return "";
  }
  Exposition out;

 private:
  std::string help(Cursor& cursor) {
    if (auto wrong = end_of_family(); !wrong.empty()) return wrong;
    const auto name = cursor.name(true);
    if (name.empty() || !cursor.take(" ") || cursor.at_end()) return "no name or no text";
    if (!out.types.empty() && name <= family_) return "not in the order of the names";
    for (auto text = cursor.rest(); !text.empty(); text.remove_prefix(1)) {
      if (text[0] != '\\') continue;
      if (text.size() < 2 || (text[1] != '\\' && text[1] != 'n')) return "a bad escape";
      text.remove_prefix(1);
    }
    helped_ = name;
    return "";
  }

  std::string type(Cursor& cursor) {
    const auto name = cursor.name(true);
    if (name != helped_ || name.empty()) return "a TYPE that does not follow its HELP";
    if (!cursor.take(" ")) return "no type";
    const std::string type(cursor.rest());
    if (type != "counter" && type != "gauge" && type != "histogram") return "an unknown type";
    if (name.ends_with("_total") != (type == "counter")) return "_total is for counters";
    out.types[name] = type;
    family_ = std::exchange(helped_, "");
    return "";
  }

  std::string labels(Cursor& cursor, Labels& into) {
    if (!cursor.take("{")) return "";
    do {
      const auto name = cursor.name(false);
      if (name.empty() || name.starts_with("__") || !cursor.take("=\"")) return "a bad label";
      auto value = cursor.quoted();
      if (!value) return "a bad value of a label";
      if (!into.emplace(name, *std::move(value)).second) return "a label twice";
    } while (cursor.take(","));
    return cursor.take("}") ? "" : "the labels do not end";
  }

  std::string sample(Cursor& cursor) {
    if (!helped_.empty()) return "a sample between HELP and TYPE";
    Sample sample{.name = cursor.name(true), .labels = {}, .value = 0};
    if (sample.name.empty() || family_.empty()) return "neither HELP, TYPE nor a sample";
    if (auto wrong = labels(cursor, sample.labels); !wrong.empty()) return wrong;
    if (!cursor.take(" ")) return "no value";
    const auto value = cursor.number();
    if (!value || !cursor.at_end()) return "not a number, or something behind it";
    sample.value = *value;
    if (!seen_.emplace(sample.name, sample.labels).second) return "the same sample twice";
    const bool histogram = out.types[family_] == "histogram";
    if (!histogram && sample.name != family_) return "not of the family " + family_;
    if (out.types[family_] == "counter" && !(sample.value >= 0)) return "a counter below 0";
    if (histogram)
      if (auto wrong = bucket(sample); !wrong.empty()) return wrong;
    out.samples.push_back(std::move(sample));
    return "";
  }

  std::string bucket(const Sample& sample) {
    if (!sample.name.starts_with(family_)) return "not of the family " + family_;
    const auto suffix = sample.name.substr(family_.size());
    auto labels = sample.labels;
    if (suffix == "_bucket") {
      const auto le = labels.extract("le");
      if (le.empty()) return "a bucket without le";
      Cursor cursor(le.mapped());
      const auto bound = cursor.number();
      if (!bound || !cursor.at_end()) return "le is not a number";
      auto& buckets = buckets_[labels];
      if (*bound <= buckets.bound || sample.value < buckets.count)
        return "buckets are not in order or not cumulative";
      buckets.bound = *bound;
      buckets.count = sample.value;
      return buckets.has_sum || buckets.has_count ? "a bucket after the sum" : "";
    }
    if (!buckets_.contains(labels)) return "a histogram without buckets";
    auto& buckets = buckets_[labels];
    if (!std::isinf(buckets.bound)) return "the last bucket is not +Inf";
    if (suffix == "_sum") {
      buckets.has_sum = true;
    } else if (suffix == "_count") {
      if (sample.value != buckets.count) return "_count is not the last bucket";
      buckets.has_count = true;
    } else {
      return "not of a histogram: " + sample.name;
    }
    return "";
  }

  std::string helped_;  // has its HELP and waits for its TYPE
  std::string family_;
  std::set<std::pair<std::string, Labels>> seen_;
  std::map<Labels, Buckets> buckets_;  // of this family
};

}  // namespace

std::optional<double> Exposition::value(std::string_view name, const Labels& labels) const {
  for (const auto& sample : samples)
    if (sample.name == name && sample.labels == labels) return sample.value;
  return std::nullopt;
}

double Exposition::sum(std::string_view name) const {
  double sum = 0;
  for (const auto& sample : samples)
    if (sample.name == name) sum += sample.value;
  return sum;
}

std::expected<Exposition, std::string> parse_exposition(std::string_view text) {
  if (!text.ends_with('\n')) return std::unexpected("the last line does not end");
  Parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (auto wrong = parser.line(text.substr(0, end)); !wrong.empty())
      return std::unexpected(fmt::format("line {}: {}: {}", number, wrong, text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  if (auto wrong = parser.end_of_family(); !wrong.empty()) return std::unexpected(wrong);
  return std::move(parser.out);
}

}  // namespace larder::metrics::testing
