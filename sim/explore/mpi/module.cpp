// SPDX-License-Identifier: Apache-2.0
// The MPI half of the messenger.
#include "explore/mpi/module.h"

// The C++ bindings of old MPI versions do not compile without warnings, and nobody uses them.
#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>

namespace {

void send(int to, const char* bytes, int count) { MPI_Send(bytes, count, MPI_BYTE, to, 0, MPI_COMM_WORLD); }

int probe(int* from, int* count) {
  int there = 0;
  MPI_Status status;
  MPI_Iprobe(MPI_ANY_SOURCE, 0, MPI_COMM_WORLD, &there, &status);
  if (there == 0) return 0;
  *from = status.MPI_SOURCE;
  MPI_Get_count(&status, MPI_BYTE, count);
  return 1;
}

void receive(int from, char* bytes, int count) {
  MPI_Recv(bytes, count, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

void finish() { MPI_Finalize(); }

}  // namespace

int cimcycle_mpi_start(CimcycleMpi* mpi) {
  // Only the main thread talks; others compute.
  int provided = 0;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) return 1;
  if (provided < MPI_THREAD_FUNNELED) return 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &mpi->rank);
  MPI_Comm_size(MPI_COMM_WORLD, &mpi->size);
  mpi->send = send;
  mpi->probe = probe;
  mpi->receive = receive;
  mpi->finish = finish;
  return 0;
}
