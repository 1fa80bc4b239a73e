"""Workers of a Dask cluster as jobs of SLURM, for ``ipt-evidence scan --cluster``.

    pip install "ipt-evidence[scale]" dask-jobqueue
    python deploy/dask-slurm.py --jobs 20 --queue short &
    ipt-evidence scan /scratch/pubmed --output /scratch/scan --cluster tcp://$(hostname -i):8786

Run it on a node that the others reach. Every job is two workers of one thread and 2 GB; sources and
output must be on a file system that all nodes share. The scheduler ends with this program.
"""

import argparse
import signal

from dask_jobqueue import SLURMCluster

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--jobs", type=int, default=10)
parser.add_argument("--queue")
parser.add_argument("--walltime", default="04:00:00")
options = parser.parse_args()

with SLURMCluster(
    queue=options.queue,
    walltime=options.walltime,
    cores=2,
    processes=2,
    memory="4GB",
    scheduler_options={"port": 8786, "dashboard_address": None},
) as cluster:
    cluster.scale(jobs=options.jobs)
    signal.pause()
