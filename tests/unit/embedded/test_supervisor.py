import asyncio
import os
import signal
import time

import pytest

from soroka.embedded.child import Service
from soroka.embedded.errors import StackError
from soroka.embedded.program import Stop
from soroka.embedded.reaper import is_alive


async def forever() -> int:
    await asyncio.sleep(60)
    return 0


async def test_it_starts_again_what_was_killed_and_says_so(supervisor, steady, pid_of, said, gone):
    await supervisor.launch(steady("worker"))
    await supervisor.ready(5)
    first = pid_of("worker")

    async def kill_and_wait() -> int:
        os.kill(first, signal.SIGKILL)
        return await asyncio.to_thread(pid_of, "worker", first)

    second = await supervisor.keep_running(kill_and_wait())
    assert is_alive(second)
    assert [line for line in said if "worker was ended by SIGKILL" in line and "starting it again" in line]
    await supervisor.stop()
    await asyncio.to_thread(gone, second)


async def test_it_kills_the_descendants_of_what_was_killed(supervisor, steady, pid_of, gone):
    await supervisor.launch(steady("worker", "sleep 60 & echo $! > new; mv new child.pid; wait"))
    first = pid_of("worker")
    pid_of("child")

    async def kill_and_wait() -> int:
        os.kill(first, signal.SIGKILL)
        return await asyncio.to_thread(pid_of, "worker", first)

    await supervisor.keep_running(kill_and_wait())
    gone(first)
    await supervisor.stop()


async def test_it_waits_longer_before_each_new_start(supervisor, shell, said, eventually):
    await supervisor.launch(Service(shell("web", "exit 3"), lambda: True))

    def said_thrice() -> bool:
        return len(said) == 3

    began = time.monotonic()
    await supervisor.keep_running(asyncio.to_thread(eventually, said_thrice))
    assert time.monotonic() - began >= 1.5
    assert [line.rpartition(" in ")[2] for line in said] == ["0.5 s", "1 s", "2 s"]
    await supervisor.stop()


async def test_the_end_of_a_vital_service_is_an_error_with_its_log(supervisor, steady, pid_of):
    await supervisor.launch(steady("postgres", "echo the disk is full >&2; exec sleep 60", vital=True), steady("web"))
    await supervisor.ready(5)
    os.kill(pid_of("postgres"), signal.SIGKILL)
    with pytest.raises(StackError, match=r"(?s)postgres was ended by SIGKILL.*the disk is full"):
        await supervisor.keep_running(forever())
    await supervisor.stop()


async def test_what_ends_while_starting_is_an_error_with_its_log(supervisor, shell):
    await supervisor.launch(Service(shell("web", "echo no such module; exit 1"), lambda: False))
    with pytest.raises(StackError, match=r"(?s)web ended with exit code 1 while starting.*no such module"):
        await supervisor.ready(5)
    await supervisor.stop()


async def test_what_does_not_become_ready_in_time_is_an_error(supervisor, shell):
    await supervisor.launch(Service(shell("web", "exec sleep 60"), lambda: False))
    with pytest.raises(StackError, match="web did not become ready in time"):
        await supervisor.ready(0.2)
    await supervisor.stop()


async def test_it_stops_what_was_started_last_first(supervisor, steady, tmp_path):
    script = 'trap "echo {0} >> ended; exit" TERM; while :; do sleep 0.02; done'
    for name in ("store", "gateway", "worker"):
        await supervisor.launch(steady(name, script.format(name)))
    await supervisor.ready(5)
    await supervisor.stop()
    assert (tmp_path / "ended").read_text().split() == ["worker", "gateway", "store"]


async def test_it_goes_on_to_harder_signals_and_kills_in_the_end(supervisor, shell, tmp_path, gone):
    script = """trap "echo TERM >> seen" TERM; trap "echo QUIT >> seen" QUIT
                echo $$ > pid.new; mv pid.new pid; while :; do sleep 0.02; done"""
    program = shell("stubborn", script, (Stop(signal.SIGTERM, 0.3), Stop(signal.SIGQUIT, 0.3)))
    await supervisor.launch(Service(program, (tmp_path / "pid").exists))
    await supervisor.ready(5)
    await asyncio.wait_for(supervisor.stop(), 5)
    assert (tmp_path / "seen").read_text().split() == ["TERM", "QUIT"]
    gone(int((tmp_path / "pid").read_text()))


async def test_a_program_heeds_a_stop_that_we_were_told_to_ignore(supervisor, shell, tmp_path):
    ours = signal.signal(signal.SIGQUIT, signal.SIG_IGN)  # as a shell does for what it starts in the background
    try:
        script = """trap "touch heeded; exit" QUIT
                    touch ready; while :; do sleep 0.02; done"""
        program = shell("background", script, (Stop(signal.SIGQUIT, 5),))
        await supervisor.launch(Service(program, (tmp_path / "ready").exists))
        await supervisor.ready(5)
        await supervisor.stop()
    finally:
        signal.signal(signal.SIGQUIT, ours)
    assert (tmp_path / "heeded").exists()


async def test_a_failing_program_shows_its_exit_code_and_keeps_its_output(supervisor, shell):
    program = shell("prepare", "echo no such database; exit 7")
    assert await supervisor.run(program) == 7
    assert "no such database" in str(supervisor.fault(program, "failed"))


async def test_the_log_of_the_last_start_is_kept(supervisor, shell, tmp_path):
    for word in ("first", "second"):
        await supervisor.run(shell("prepare", f"echo {word}"))
    assert (tmp_path / "log/prepare.log").read_text() == "second\n"
    assert (tmp_path / "log/prepare.log.1").read_text() == "first\n"
