"""What GitHub and GitLab are asked, by a server that answers as they do."""

from collections.abc import Iterator

import pytest
from tests.e2e.fake_forge import BOT, TOKEN, US, State, serve

from labrun.errors import ForgeError, UserError
from labrun.forge.api import PAGE, Api
from labrun.forge.base import News
from labrun.forge.github import GitHub
from labrun.forge.gitlab import GitLab

MARKER = "<!-- ours -->"
COMMIT = "a" * 40


@pytest.fixture
def served() -> Iterator[tuple[State, str]]:
    with serve() as found:
        found[0].head = COMMIT
        yield found


def news(text: str = "first", headline: str = "lab: passed 90/100") -> News:
    comment = f"{MARKER}\n{text}"
    return News(
        commit=COMMIT, state="success", headline=headline, comment=comment, marker=MARKER, url=None
    )


def github(address: str, token: str = TOKEN) -> GitHub:
    return GitHub(address, token, repository="school/course", number=3)


def gitlab(address: str) -> GitLab:
    return GitLab(address, TOKEN, project="school/course", number=3)


def test_the_first_news_is_a_new_comment_and_the_next_changes_it(
    served: tuple[State, str],
) -> None:
    state, address = served
    assert github(address).post(news()).comment == "created"
    assert github(address).post(news("second")).comment == "updated"
    assert state.bodies == [f"{MARKER}\nsecond"]


def test_a_comment_with_our_marker_by_somebody_else_is_left_alone(
    served: tuple[State, str],
) -> None:
    state, address = served
    state.say("mallory", f"{MARKER}\npassed 100/100")
    assert github(address).post(news()).comment == "created"
    assert state.bodies[0] == f"{MARKER}\npassed 100/100"


def test_another_comment_of_ours_is_left_alone(served: tuple[State, str]) -> None:
    state, address = served
    state.say(BOT, f"it says {MARKER}")
    assert github(address).post(news()).comment == "created"


def test_our_comment_is_found_on_a_later_page(served: tuple[State, str]) -> None:
    state, address = served
    for number in range(PAGE):
        state.say("ada", f"question {number}")
    state.say(BOT, f"{MARKER}\nold")
    assert github(address).post(news()).comment == "updated"


def test_where_a_newer_commit_is_there_only_the_status_is_set(served: tuple[State, str]) -> None:
    state, address = served
    state.head = "b" * 40
    assert github(address).post(news()).comment == "outdated"
    assert state.bodies == []
    assert [commit for commit, _ in state.statuses] == [COMMIT]


def test_a_status_is_as_short_as_github_takes_it(served: tuple[State, str]) -> None:
    state, address = served
    github(address).post(news(headline="x" * 500))
    assert len(state.statuses[0][1]["description"]) == 140


def test_gitlab_s_note_is_kept_current_and_others_are_left_alone(
    served: tuple[State, str],
) -> None:
    state, address = served
    state.say(US + 1, f"{MARKER}\nforged")
    assert gitlab(address).post(news()).comment == "created"
    assert gitlab(address).post(news("second")).comment == "updated"
    assert state.bodies == [f"{MARKER}\nforged", f"{MARKER}\nsecond"]
    assert "/projects/school%2Fcourse/merge_requests/3/notes" in " ".join(state.asked)


def test_gitlab_s_note_is_left_to_the_run_of_a_newer_commit(served: tuple[State, str]) -> None:
    state, address = served
    state.head = "b" * 40
    assert gitlab(address).post(news()).comment == "outdated"
    assert state.bodies == []


def test_a_refusal_is_told_in_one_line_without_the_token(served: tuple[State, str]) -> None:
    state, address = served
    state.refuse = 403
    with pytest.raises(ForgeError) as raised:
        github(address).post(news())
    said = str(raised.value)
    assert said.startswith("the API answered 403 no\\n::error::no to POST /repos/school/course/")
    assert "\n" not in said
    assert TOKEN not in said


def test_a_wrong_token_is_told(served: tuple[State, str]) -> None:
    with pytest.raises(ForgeError, match="401 Bad credentials"):
        github(served[1], "another").post(news())


def test_a_token_does_not_follow_a_redirect(served: tuple[State, str]) -> None:
    state, address = served
    with serve() as (other, elsewhere):
        state.redirect = elsewhere
        with pytest.raises(ForgeError, match="answered 302"):
            github(address).post(news())
        assert other.asked == []


def test_a_server_that_is_not_there_is_told() -> None:
    with serve() as (_, address):
        gone = address
    with pytest.raises(ForgeError, match="could not be asked"):
        gitlab(gone).post(news())


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(UserError, match="is not the address of an API"):
        Api("file:///etc/passwd", {})
