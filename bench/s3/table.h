// A table for people, in plain text.
#pragma once

#include <string>
#include <vector>

namespace larder::bench {

/// Columns are as wide as their widest cell, two spaces apart; those of numbers are flush right.
class Table {
 public:
  struct Column {
    std::string title;
    bool is_number = true;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// A cell for each column.
  void add(std::vector<std::string> row);
  /// With a line of titles. Lines have no spaces at their ends.
  std::string str() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace larder::bench
