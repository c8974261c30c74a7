from soroka.prove.record import Call, RecordReader

LINE = b'{"at":1.5,"id":7,"answer":"ok","accepted":true}\n'


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "record"
    reader = RecordReader(path)
    assert reader.calls() == []
    path.write_bytes(LINE + LINE[:10])
    assert reader.calls() == [Call(1.5, 7, "ok", True)]
    with path.open("ab") as file:
        file.write(LINE[10:])
    assert len(reader.calls()) == 2
