// SPDX-License-Identifier: Apache-2.0
#include "explore/store.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/json_object.h"
#include "base/text.h"

namespace cimcycle {
namespace {

/// How long a writer waits for another one; a transaction takes milliseconds.
constexpr int busy_timeout_ms = 60000;
/// Marks the file as ours (pragma application_id): "cims".
constexpr int application_id = 0x63696d73;
constexpr int layout_version = 2;

constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS points (hash TEXT PRIMARY KEY, status TEXT NOT NULL CHECK (status IN ('done', "
    "'invalid', 'stopped', 'failed')), config TEXT NOT NULL, metrics TEXT, simulation TEXT, error TEXT) WITHOUT ROWID";
constexpr const char* insert_row =
    "INSERT INTO points (hash, status, config, metrics, simulation, error) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT "
    "(hash) "
    "DO UPDATE SET status = excluded.status, config = excluded.config, metrics = excluded.metrics, simulation = "
    "excluded.simulation, error = excluded.error WHERE points.status IN ('failed', 'stopped')";

}  // namespace

struct ResultStore::Database {
  explicit Database(std::string shown_name) : shown(std::move(shown_name)) {}
  ~Database() { sqlite3_close(handle); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  [[noreturn]] void fail(int code) const {
    const char* const text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR) {
      fail_input("{}: is no result store: {}", shown, printable(text));
    }
    fail_run("{}: {}", shown, printable(text));
  }

  void run(const char* sql) {
    const int code = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
  }

  std::string shown;
  sqlite3* handle = nullptr;
};

namespace {

/// A prepared statement.
class Statement {
 public:
  template <class Database>
  Statement(Database& database, const char* sql) : handle_(database.handle) {
    const int code = sqlite3_prepare_v2(handle_, sql, -1, &statement_, nullptr);
    if (code != SQLITE_OK) database.fail(code);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  void bind(int index, const std::string& text) {
    sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
  }
  void bind_null(int index) { sqlite3_bind_null(statement_, index); }
  void bind_json(int index, const nlohmann::json& value) {
    if (value.is_null()) return bind_null(index);
    bind(index, value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  /// True while there is a row.
  template <class Database>
  bool step(const Database& database) {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE) database.fail(code);
    return code == SQLITE_ROW;
  }
  void reset() { sqlite3_reset(statement_); }
  std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    const auto* const bytes = sqlite3_column_text(statement_, column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }

 private:
  sqlite3* handle_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

ResultStore::ResultStore(const std::filesystem::path& folder, Mode mode) {
  const std::filesystem::path file = folder / store_file;
  database_ = std::make_unique<Database>(printable(file.string()));
  Database& database = *database_;
  std::error_code error;
  if (mode == Mode::read && !std::filesystem::is_regular_file(file, error)) {
    fail_input("{}: no such file; a sweep writes it", database.shown);
  }
  const int flags = SQLITE_OPEN_READWRITE | (mode == Mode::create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &database.handle, flags, nullptr);
  if (code != SQLITE_OK) database.fail(code);
  sqlite3_busy_timeout(database.handle, busy_timeout_ms);
  const auto number = [&](const char* sql) {
    Statement statement(database, sql);
    return statement.step(database) ? statement.integer(0) : 0;
  };
  if (mode == Mode::create) {
    // One process at a time: switching to the write-ahead log does not wait for others.
    std::optional<WorkClaim> creating;
    while (!(creating = WorkClaim::take(folder, std::string(16, '0')))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (number("SELECT count(*) FROM sqlite_master") == 0) {
      database.run("PRAGMA journal_mode = WAL");
      database.run("BEGIN IMMEDIATE");
      database.run(create_table);
      database.run(fmt::format("PRAGMA application_id = {}", application_id).c_str());
      database.run(fmt::format("PRAGMA user_version = {}", layout_version).c_str());
      database.run("COMMIT");
    }
  }
  const std::int64_t owner = number("PRAGMA application_id"), version = number("PRAGMA user_version");
  if (owner != application_id || version != layout_version) {
    fail_input("{}: is no result store of this version; found application {} version {}, expected {} and {}",
               database.shown, owner, version, application_id, layout_version);
  }
  // With a write-ahead log, NORMAL keeps every committed row when a process is killed.
  database.run("PRAGMA synchronous = NORMAL");
}

ResultStore::~ResultStore() = default;
ResultStore::ResultStore(ResultStore&&) noexcept = default;

bool ResultStore::is_settled(const std::string& hash, bool keep_stopped) {
  Statement statement(*database_, "SELECT status FROM points WHERE hash = ?");
  statement.bind(1, hash);
  if (!statement.step(*database_)) return false;
  const std::string status = statement.text(0);
  return status == "stopped" ? keep_stopped : status != "failed";
}

void ResultStore::put(std::span<const StoredPoint> rows) {
  Database& database = *database_;
  database.run("BEGIN IMMEDIATE");
  try {
    Statement statement(database, insert_row);
    for (const StoredPoint& row : rows) {
      statement.bind(1, row.hash);
      statement.bind(2, row.status);
      statement.bind_json(3, row.config);
      statement.bind_json(4, row.metrics);
      statement.bind_json(5, row.simulation);
      row.error.empty() ? statement.bind_null(6) : statement.bind(6, row.error);
      statement.step(database);
      statement.reset();
    }
  } catch (...) {
    sqlite3_exec(database.handle, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
  database.run("COMMIT");
}

std::vector<StoredPoint> ResultStore::all() {
  Statement statement(*database_, "SELECT hash, status, config, metrics, simulation, error FROM points ORDER BY hash");
  std::vector<StoredPoint> rows;
  while (statement.step(*database_)) {
    const auto value = [&](int column) {
      const std::string text = statement.text(column);
      return text.empty() ? nlohmann::json() : parse_json(text, database_->shown);
    };
    StoredPoint row;
    row.hash = statement.text(0);
    row.status = statement.text(1);
    row.config = value(2);
    row.metrics = value(3);
    row.simulation = value(4);
    row.error = statement.text(5);
    if (!row.config.is_object() || (row.status == "done" && !row.metrics.is_object())) {
      fail_input("{}: row {}: config or metrics are no objects", database_->shown, printable(row.hash));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::int64_t ResultStore::size() {
  Statement statement(*database_, "SELECT count(*) FROM points");
  return statement.step(*database_) ? statement.integer(0) : 0;
}

}  // namespace cimcycle
