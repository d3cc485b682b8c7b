#!/usr/bin/env bash
# A sweep as a Slurm job array: each job runs its part of the points into a folder of its own.
#
#   sbatch --array=1-20 docs/examples/sweep-array.sh SWEEP.json PARTS
#   cimcycle report PARTS/*
#
# A job that was killed goes on where it stopped when it is submitted again (--array=7 for the seventh; keep the number
# of parts the same with SWEEP_PARTS=20).
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
set -euo pipefail

sweep=$1
parts=$2
count=${SWEEP_PARTS:-$SLURM_ARRAY_TASK_COUNT}
mkdir -p "$parts"
exec cimcycle sweep "$sweep" --out "$parts/part-$SLURM_ARRAY_TASK_ID" --resume \
  --shard "$SLURM_ARRAY_TASK_ID/$count" --threads "${SLURM_CPUS_PER_TASK:-1}"
