from soroka.admin.last_look import LastLook, Sample


def seen(at, settled=0):
    return Sample(at, {"m1": settled})


def followed(*samples):
    """The last look after these."""
    last = LastLook()
    for sample in samples:
        last = LastLook.read(str(last.then("digest", sample)))
    return last


def test_a_speed_is_the_growth_since_the_older_of_two_looks():
    last = followed(seen(100, 10), seen(102, 30))
    assert last.shown == "digest"
    assert last.speed("m1", seen(104, 90)) == 20
    assert last.speed("m2", Sample(104, {"m2": 5})) is None


def test_it_is_told_over_six_to_twelve_seconds():
    looks = range(100, 160, 2)
    spans = {at - followed(*map(seen, range(100, at, 2))).samples[0].at for at in looks[6:]}
    assert (min(spans), max(spans)) == (8, 12)


def test_what_was_seen_long_ago_or_shrinks_tells_nothing():
    assert followed(seen(100, 10)).speed("m1", seen(150, 60)) is None
    assert followed(seen(100, 10)).speed("m1", seen(102, 9)) is None
    assert followed(seen(100, 10)).speed("m1", seen(100, 60)) is None
    assert len(followed(seen(100), seen(150)).samples) == 1
