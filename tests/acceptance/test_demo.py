from tests.acceptance.processes import mentioning


def test_the_demo_accounts_for_every_message_and_so_does_a_second_one(installation):
    for _ in range(2):
        assert installation.start("demo", DEMO_EXIT="1").wait(180) == 0, installation.terminal
        assert "every message is accounted for" in installation.terminal
        assert "Asia/Kamchatka" in installation.terminal
        assert not mentioning(str(installation.home))
