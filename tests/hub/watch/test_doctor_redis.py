"""The doctor at a real Redis: what may lose jobs, throw them away, or turn one into code."""

from __future__ import annotations

import pickle
import zlib

import pytest
from rq import Queue

from hub.watch.doctor_redis import redis_findings
from hub.watch.finding import Finding
from tests.services import Redis


def look(server: Redis) -> dict[str, int]:
    found: list[Finding] = list(redis_findings(server.url))
    assert all(one.fix for one in found if not one.ok)
    return {one.subject: one.exit_code for one in found if not one.ok}


@pytest.mark.fault("P10")
def test_a_redis_that_forgets_or_evicts_is_told_of_with_the_fix(redis_server: Redis) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert look(redis_server) == {"redis persistence": 1, "redis eviction": 1}
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("appendonly", "yes")
        assert look(redis_server) == {}


@pytest.mark.fault("A16")
def test_a_pickled_job_is_found_and_a_json_one_is_fine(redis_server: Redis) -> None:
    with redis_server.client() as client:
        client.config_set("appendonly", "yes")
        Queue("hub", connection=client, serializer="json").enqueue("hub.jobs.horse.answer", args=(1,))
        assert look(redis_server) == {}
        client.hset("rq:job:poisoned", "data", zlib.compress(pickle.dumps(("os.system", None, ("true",), {}))))
        assert look(redis_server) == {"redis jobs": 78}


def test_a_redis_that_is_gone_or_wants_another_password(redis_server: Redis) -> None:
    with redis_server.client() as client:
        client.config_set("requirepass", "canary-password")
    assert look(redis_server) == {"redis": 77}
    redis_server.kill()
    assert look(redis_server) == {"redis": 69}
