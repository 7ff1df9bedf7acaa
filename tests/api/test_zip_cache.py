from __future__ import annotations

import gzip
import random
import threading

from geo_policing.api.zip_cache import ZipCache


class Drawer:
    def __init__(self, text: str) -> None:
        self.text, self.times = text, 0

    def __call__(self) -> str:
        self.times += 1
        return self.text


def noise(seed: int) -> str:
    return random.Random(seed).randbytes(500).hex()


def test_what_is_kept_is_not_drawn_again():
    cache, drawer = ZipCache(10_000), Drawer("a tile")
    assert gzip.decompress(cache.get("k", drawer)) == b"a tile"
    assert cache.get("k", drawer) == cache.get("k", drawer)
    assert drawer.times == 1


def test_the_longest_unasked_goes_first_and_the_bound_holds():
    cache = ZipCache(2_000)
    drawers = {key: Drawer(noise(key)) for key in range(4)}
    for key in (0, 1, 2, 1, 3):
        cache.get(key, drawers[key])
        assert cache.bytes <= 2_000
    before = {key: drawer.times for key, drawer in drawers.items()}
    cache.get(3, drawers[3])
    cache.get(0, drawers[0])
    assert {key: drawer.times for key, drawer in drawers.items()} == before | {0: 2}


def test_more_than_the_whole_bound_is_drawn_but_not_kept():
    cache, drawer = ZipCache(10), Drawer("x" * 100)
    cache.get("k", drawer)
    cache.get("k", drawer)
    assert (drawer.times, cache.bytes) == (2, 0)


def test_threads_count_the_bytes_right():
    cache = ZipCache(5_000)

    def ask() -> None:
        for key in range(200):
            cache.get(key % 7, Drawer(noise(key % 7)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.bytes == sum(len(body) for body in cache._kept.values()) <= 5_000
