"""All measurements, in the order in which they are made."""

from soroka.bench.parts import (
    caps,
    delivery,
    engine,
    exports,
    growth,
    imports,
    pages,
    planning,
    prefork,
    punctuality,
    retention,
    segments,
    statistics,
    wal,
)

PARTS = (
    delivery.PART,
    retention.PART,
    prefork.PART,
    engine.PART,
    growth.PART,
    wal.PART,
    punctuality.PART,
    imports.PART,
    planning.PART,
    caps.PART,
    segments.PART,
    statistics.PART,
    exports.PART,
    pages.PART,
)
