"""The doorbell on a real Redis: a run is rung for once, again when it was forgotten, and nothing hangs on it."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.jobs import doorbell
from hub.jobs.doorbell import BellBroken, RedisBell, job_id
from hub.jobs.queue import Queued
from tests.services import Redis

RUN = Queued(812, "pull", 1, 0)
AFTER_A_SLICE = Queued(812, "pull", 1, 1)
AFTER_A_CRASH = Queued(812, "pull", 2, 1)
PUSH = Queued(813, "push", 1, 0)


@pytest.fixture
def bell(redis_server: Redis) -> Iterator[RedisBell]:
    bell = RedisBell(redis_server.url)
    yield bell
    bell.close()


def listed(server: Redis, queue: str = "hub") -> list[str]:
    with server.client() as client:
        return [one.decode() for one in client.lrange(f"rq:queue:{queue}", 0, -1)]


def test_a_run_is_rung_for_once(bell: RedisBell, redis_server: Redis) -> None:
    assert [bell.ring([RUN]), bell.ring([RUN]), bell.ring([RUN, PUSH])] == [1, 0, 1]
    assert (listed(redis_server), listed(redis_server, "hub-push")) == (["run-812-1-0"], ["run-813-1-0"])


def test_each_slice_and_each_attempt_is_a_job_of_its_own(bell: RedisBell, redis_server: Redis) -> None:
    bell.ring([RUN, AFTER_A_SLICE, AFTER_A_CRASH])
    assert listed(redis_server) == ["run-812-1-0", "run-812-1-1", "run-812-2-1"]


@pytest.mark.fault("A16")
@pytest.mark.fault("A11")
def test_a_job_holds_the_number_of_a_run_and_no_pickle(bell: RedisBell, redis_server: Redis) -> None:
    bell.ring([RUN])
    with redis_server.client() as client:
        job = client.hgetall(f"rq:job:{job_id(RUN)}")
    assert json.loads(zlib.decompress(job[b"data"])) == ["hub.jobs.horse.answer", None, [812], {}]
    assert job[b"description"] == b"hub.jobs.horse.answer(812)"


@pytest.mark.fault("P10")
def test_what_was_flushed_is_rung_for_again(bell: RedisBell, redis_server: Redis) -> None:
    bell.ring([RUN])
    with redis_server.client() as client:
        client.flushall()
    assert bell.ring([RUN]) == 1
    assert listed(redis_server) == ["run-812-1-0"]


@pytest.mark.fault("P10")
@pytest.mark.fault("P04")
def test_a_job_that_was_taken_and_never_begun_is_rung_for_again(
    bell: RedisBell, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    bell.ring([RUN])
    with redis_server.client() as client:
        client.delete("rq:queue:hub")  # as a worker does that takes a job off the list and dies
    assert bell.ring([RUN]) == 0, "a worker may just be beginning with it, however long it has waited before"
    monkeypatch.setattr(doorbell, "JUST_TAKEN", 0.0)
    assert bell.ring([RUN]) == 1
    assert listed(redis_server) == ["run-812-1-0"]


@pytest.mark.fault("P03")
@pytest.mark.fault("P10")
def test_crews_that_find_the_same_forgotten_job_at_once_ring_once_and_live(
    redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "JUST_TAKEN", 0.0)
    with ThreadPoolExecutor(8) as pool, redis_server.client() as client:
        for _ in range(20):
            client.delete("rq:queue:hub")
            bells = [RedisBell(redis_server.url) for _ in range(8)]
            assert sum(pool.map(lambda bell: bell.ring([RUN]), bells)) >= 1
            assert set(listed(redis_server)) == {"run-812-1-0"}
            for bell in bells:
                bell.close()


@pytest.mark.fault("P10")
def test_a_redis_that_is_gone_read_only_or_full_is_told_of_soon_and_in_words(
    bell: RedisBell, redis_server: Redis
) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(BellBroken, match=r"Redis does not take jobs \(OutOfMemoryError\): they wait in the datab"):
            bell.ring([RUN])
        client.config_set("maxmemory", "0")
        client.replicaof("127.0.0.1", 1)
        with pytest.raises(BellBroken, match="ReadOnlyError"):
            bell.ring([RUN])
    redis_server.kill()
    began = time.monotonic()
    with pytest.raises(BellBroken, match="ConnectionError"):
        bell.ring([RUN])
    assert time.monotonic() - began < 3
    redis_server.start()
    assert bell.ring([RUN]) == 1
