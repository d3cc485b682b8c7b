// SPDX-License-Identifier: Apache-2.0
// What the MPI module offers to the program that loads it: plain C, so that only one name has to be looked up.
#pragma once

extern "C" {

struct CimcycleMpi {
  int rank;
  int size;
  void (*send)(int to, const char* bytes, int count);
  /// Whether a message has come: who sent it and how long it is.
  int (*probe)(int* from, int* count);
  void (*receive)(int from, char* bytes, int count);
  void (*finish)();
};

/// Starts MPI. Returns 0, or 1 if it cannot be started.
int cimcycle_mpi_start(CimcycleMpi* mpi);
}
