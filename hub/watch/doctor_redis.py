"""What the doctor looks at in a Redis: it may lose nothing, throw nothing away, and hold nothing that is unpickled."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.retry import Retry

from hub.watch.finding import ATTENTION, CONFIGURATION, CREDENTIALS, UNREACHABLE, Finding

SECONDS = 3.0
OLDEST = (6, 2)
MOST_JOBS = 50
PICKLE = b"\x80"


def redis_findings(url: str) -> Iterator[Finding]:
    """Of the Redis at this address."""
    client = Redis.from_url(url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0))
    try:
        info: dict[str, Any] = client.info()
        yield Finding("redis", "answers")
        yield _version(str(info.get("redis_version", "0")))
        yield _persistence(info)
        yield from _eviction(client, info)
        yield _serializer(client)
    except AuthenticationError:
        yield Finding("redis", "refuses the password", CREDENTIALS, "correct the password in redis: of hub.yaml")
    except RedisError as error:
        fix = "start it. Runs wait in the database meanwhile; none is lost"
        yield Finding("redis", f"does not answer ({type(error).__name__})", UNREACHABLE, fix)
    finally:
        client.close()


def _version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST:
        return Finding("redis version", version, ATTENTION, "6.2 or newer")
    return Finding("redis version", version)


def _persistence(info: dict[str, Any]) -> Finding:
    if not info.get("aof_enabled"):
        told = "no append-only file: after a crash its jobs are gone until the hub finds the runs in the database"
        return Finding("redis persistence", told, ATTENTION, "CONFIG SET appendonly yes, and in redis.conf")
    if info.get("aof_last_write_status", "ok") != "ok":
        return Finding("redis persistence", "the append-only file cannot be written", ATTENTION, "look at its disk")
    return Finding("redis persistence", "append-only file")


def _eviction(client: Redis, info: dict[str, Any]) -> Iterator[Finding]:
    policy = info.get("maxmemory_policy")
    if policy is None:
        try:
            policy = client.config_get("maxmemory-policy").get("maxmemory-policy")
        except ResponseError:
            policy = None
    if policy is None:
        fix = "ask who runs it: it must be noeviction"
        yield Finding("redis eviction", "the policy cannot be read", ATTENTION, fix)
    elif policy != "noeviction":
        fix = "CONFIG SET maxmemory-policy noeviction, and in redis.conf"
        yield Finding("redis eviction", f"{policy}: when memory is short it throws jobs away", ATTENTION, fix)
    else:
        yield Finding("redis eviction", "noeviction")


def _serializer(client: Redis) -> Finding:
    """A pickled job is code for whoever may write to this Redis."""
    pickled = 0
    for number, key in enumerate(client.scan_iter("rq:job:*", count=100)):
        if number >= MOST_JOBS:
            break
        pickled += _is_pickled(client.hget(key, "data"))
    if pickled:
        fix = "find who queues them: the hub's own jobs are JSON, and its workers refuse others. Set a password"
        return Finding("redis jobs", f"{pickled} jobs are pickled", CONFIGURATION, fix)
    return Finding("redis jobs", "none is pickled")


def _is_pickled(data: Any) -> bool:
    if not isinstance(data, bytes):
        return False
    try:
        plain = zlib.decompress(data)
    except zlib.error:
        plain = data
    return plain.startswith(PICKLE)
