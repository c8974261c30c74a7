"""All measurements, in the order in which they are made."""

from soroka.bench.parts import delivery, engine, growth, planning, prefork, punctuality, segments, statistics, wal

PARTS = (
    delivery.PART,
    prefork.PART,
    engine.PART,
    growth.PART,
    wal.PART,
    punctuality.PART,
    planning.PART,
    segments.PART,
    statistics.PART,
)
