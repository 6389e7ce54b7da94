#include "base/metrics_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/check.h"

namespace larder::metrics {
namespace {

bool is_name(std::string_view text, bool colons) {
  const auto letter = [colons](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  return !text.empty() && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (quotes && c == '"')) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
}

std::string text_of(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    CHECK(is_name(name, false) && !name.starts_with("__") && name != "le");
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   std::string_view labels, std::string_view value) {
  out += name;
  out += suffix;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

void append_histogram(std::string& out, std::string_view name, const std::string& labels,
                      const Histogram& histogram, Shown shown) {
  const auto counts = histogram.counts();
  const auto bounds = histogram.bounds();
  const auto unit = static_cast<double>(histogram.per_unit());
  std::uint64_t total = 0;
  for (const auto count : counts) total += count;
  if (total == 0 && shown == Shown::used) return;
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    so_far += counts[i];
    const auto bound =
        i < bounds.size() ? number(static_cast<double>(bounds[i]) / unit) : std::string("+Inf");
    append_sample(out, name, "_bucket", fmt::format("{}le=\"{}\"", before, bound),
                  fmt::to_string(so_far));
  }
  append_sample(out, name, "_sum", labels, number(static_cast<double>(histogram.sum()) / unit));
  append_sample(out, name, "_count", labels, fmt::to_string(total));
}

void append_rows(std::string& out, std::string_view name, const std::vector<Registry::Row>& rows) {
  std::vector<std::pair<std::string, double>> sorted;
  for (const auto& row : rows) sorted.emplace_back(text_of(row.labels), row.value);
  std::ranges::sort(sorted);
  for (const auto& [labels, value] : sorted) append_sample(out, name, "", labels, number(value));
}

}  // namespace

void Registry::counter(std::string_view name, std::string_view help, Labels labels, Read read,
                       Shown shown) {
  add(Type::counter, name, help, labels, std::move(read), shown);
}

void Registry::counter(std::string_view name, std::string_view help, Labels labels,
                       const Counter& counter) {
  add(Type::counter, name, help, labels, [&counter] { return counter.value(); }, Shown::always);
}

void Registry::gauge(std::string_view name, std::string_view help, Labels labels, Read read) {
  add(Type::gauge, name, help, labels, std::move(read), Shown::always);
}

void Registry::gauges(std::string_view name, std::string_view help, ReadRows read) {
  add(Type::gauge, name, help, {}, std::move(read), Shown::always);
}

void Registry::histogram(std::string_view name, std::string_view help, Labels labels,
                         const Histogram& histogram, Shown shown) {
  add(Type::histogram, name, help, labels, &histogram, shown);
}

void Registry::add(Type type, std::string_view name, std::string_view help, const Labels& labels,
                   Value value, Shown shown) {
  CHECK(is_name(name, true) && !help.empty());
  CHECK(name.ends_with("_total") == (type == Type::counter));
  auto& family =
      families_.try_emplace(std::string(name), Family{type, std::string(help)}).first->second;
  CHECK(family.type == type && family.help == help);
  auto text = text_of(labels);
  const auto place = std::ranges::lower_bound(family.series, text, {}, &Series::labels);
  CHECK(place == family.series.end() || place->labels != text);
  family.series.insert(place, {std::move(text), std::move(value), shown});
}

std::string Registry::text() const {
  constexpr std::string_view types[] = {"counter", "gauge", "histogram"};
  std::string out;
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} ", name);
    append_escaped(out, family.help, false);
    out += fmt::format("\n# TYPE {} {}\n", name, types[static_cast<int>(family.type)]);
    for (const auto& series : family.series) {
      if (const auto* histogram = std::get_if<const Histogram*>(&series.value)) {
        append_histogram(out, name, series.labels, **histogram, series.shown);
        continue;
      }
      if (const auto* rows = std::get_if<ReadRows>(&series.value)) {
        append_rows(out, name, (*rows)());
        continue;
      }
      const auto value = std::get<Read>(series.value)();
      if (!value || (*value == 0 && series.shown == Shown::used)) continue;
      append_sample(out, name, "", series.labels, number(*value));
    }
  }
  return out;
}

}  // namespace larder::metrics
