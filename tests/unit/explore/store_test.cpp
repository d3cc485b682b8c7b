// SPDX-License-Identifier: Apache-2.0
// The store under kill and with two writers; files that are no store.
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>

#include "base/error.h"
#include "explore/store.h"
#include "temporary_folder.h"

using namespace cimcycle;

namespace {

std::string name(int number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016x", static_cast<unsigned>(number));
  return text;
}

StoredPoint row(int number, const char* status = "done") {
  return {name(number), status, {{"n", number}}, {{"top1", number * 0.1}}, {}, {}};
}

/// Runs body in a process of its own and returns its id.
template <class Body>
pid_t process(Body&& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    body();
    ::_exit(0);
  } catch (...) {
    ::_exit(1);
  }
}

int ended(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("rows come back, settled ones stay, failed ones are replaced") {
  const test::ScratchFolder folder;
  {
    ResultStore store(folder.path(), ResultStore::Mode::create);
    const StoredPoint rows[] = {row(1), row(2, "failed"), row(3, "invalid"), row(5, "stopped")};
    store.put(rows);
    CHECK(store.is_settled(name(1)));
    CHECK_FALSE(store.is_settled(name(2)));
    CHECK(store.is_settled(name(3)));
    CHECK_FALSE(store.is_settled(name(4)));
    CHECK_FALSE(store.is_settled(name(5)));
    CHECK(store.is_settled(name(5), true));
    CHECK_FALSE(store.is_settled(name(2), true));
    StoredPoint again = row(1);
    again.metrics["top1"] = 99;
    const StoredPoint later[] = {again, row(2), row(5)};
    store.put(later);
  }
  ResultStore store(folder.path(), ResultStore::Mode::read);
  const std::vector<StoredPoint> rows = store.all();
  REQUIRE(rows.size() == 4);
  CHECK(rows[0].metrics["top1"] == 0.1);
  CHECK(rows[1].status == "done");
  CHECK(rows[2].config["n"] == 3);
  CHECK(rows[3].status == "done");
}

TEST_CASE("a killed writer leaves whole rows, and two writers do not harm each other") {
  const test::ScratchFolder folder;
  { ResultStore store(folder.path(), ResultStore::Mode::create); }
  constexpr int rows_each = 60;
  const auto write = [&](int from, int step, int count) {
    ResultStore store(folder.path(), ResultStore::Mode::create);
    for (int i = 0; i < count; ++i) {
      const StoredPoint pair[] = {row(2 * (from + i * step)), row(2 * (from + i * step) + 1)};
      store.put(pair);
    }
  };
  const pid_t even = process([&] { write(0, 2, rows_each); });
  const pid_t odd = process([&] { write(1, 2, rows_each); });
  const pid_t killed = process([&] { write(1000, 1, 1000000); });
  CHECK(ended(even) == 0);
  CHECK(ended(odd) == 0);
  ResultStore store(folder.path(), ResultStore::Mode::create);
  while (!store.is_settled(name(2000))) ::usleep(1000);
  ::kill(killed, SIGKILL);
  ended(killed);
  int own = 0, others = 0;
  for (const StoredPoint& stored : store.all()) {
    const int number = stored.config["n"].get<int>();
    REQUIRE(stored.metrics["top1"] == number * 0.1);
    (number < 2000 ? own : others) += 1;
  }
  CHECK(own == 2 * 2 * rows_each);
  CHECK(others > 0);
  CHECK(others % 2 == 0);  // pairs are written together
  const StoredPoint last[] = {row(5)};
  store.put(last);
}

TEST_CASE("a claim ends with its process") {
  const test::ScratchFolder folder;
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t holder = process([&] {
    const auto claim = WorkClaim::take(folder.path(), name(7));
    const char byte = claim ? 'y' : 'n';
    if (::write(ready[1], &byte, 1) == 1) ::pause();
  });
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  REQUIRE(byte == 'y');
  CHECK_FALSE(WorkClaim::take(folder.path(), name(7)));
  CHECK(WorkClaim::take(folder.path(), name(70000)));
  ::kill(holder, SIGKILL);
  ended(holder);
  {
    const auto claim = WorkClaim::take(folder.path(), name(7));
    CHECK(claim);
    CHECK_FALSE(WorkClaim::take(folder.path(), name(7)));
  }
  CHECK(WorkClaim::take(folder.path(), name(7)));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("files that are no store are told apart") {
  const test::ScratchFolder folder;
  CHECK_THROWS_AS(ResultStore(folder.path(), ResultStore::Mode::read), InputError);
  std::ofstream(folder.path() / "results.sqlite") << std::string(5000, 'x');
  CHECK_THROWS_WITH(ResultStore(folder.path(), ResultStore::Mode::create), Catch::Contains("no result store"));
  std::filesystem::remove(folder.path() / "results.sqlite");
  { ResultStore store(folder.path(), ResultStore::Mode::create); }
  std::filesystem::resize_file(folder.path() / "results.sqlite", 100);
  CHECK_THROWS_AS(ResultStore(folder.path(), ResultStore::Mode::read), InputError);
}
