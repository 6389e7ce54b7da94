"""SIGKILL at random moments: everything acknowledged is there, nothing half-written is seen."""

import os
import random
import secrets

import pytest

from crash import Countdown, UserMaker, Writer, check_directory, run_until_killed
from larder import unique

WRITERS = 4
CHANGES_MOST = 40  # before a kill
FSCK_EVERY = 20  # kills


@pytest.mark.slow
@pytest.mark.timeout(0)  # as long as LARDER_KILLS asks; each wait has its own end
def test_nothing_acknowledged_is_lost_by_a_kill(own_larder):
    """LARDER_KILLS: how many (200); LARDER_SEED: which moments."""
    kills = int(os.environ.get("LARDER_KILLS", "200"))
    seed = int(os.environ.get("LARDER_SEED") or secrets.randbits(32))
    print(f"LARDER_SEED={seed}")
    moments = random.Random(seed)
    keys = own_larder.keys("--duration", "43200")
    bucket = unique("ledger")
    s3 = own_larder.client("s3", keys, max_pool_connections=WRITERS)
    iam = own_larder.client("iam", keys)
    s3.create_bucket(Bucket=bucket)
    writers = [Writer(f"writer-{i}", bucket, f"{seed}-{i}") for i in range(WRITERS)]
    users = UserMaker()
    workers = [*((writer.run, s3) for writer in writers), (users.run, iam)]
    for number in range(1, kills + 1):
        kill = Countdown(moments.randint(1, CHANGES_MOST), own_larder.process.kill)
        run_until_killed(workers, kill)
        own_larder.process.wait(timeout=30)
        if number % FSCK_EVERY == 0 or number == kills:
            check_directory(own_larder)
        own_larder.restart_on_the_same_port()
        for writer in writers:
            writer.check(s3)
        users.check(iam)
