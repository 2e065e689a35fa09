"""Writing transactions in a thread: SQLite and PostgreSQL, and what happens when a connection is lost in one."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import col

from trailerflow.bootstrap import Studio
from trailerflow.engine.tables import User
from trailerflow.engine.transactions import Transactions, put_off

ADD = insert(User).inline()


@pytest.fixture
def transactions(studio: Studio) -> Iterator[Transactions]:
    transactions = Transactions(studio.database.url)
    yield transactions
    transactions.close()


@pytest.fixture
def on_postgresql(studio: Studio) -> None:
    if studio.database.is_sqlite:
        pytest.skip("SQLite has no connection to lose")


def user(name: str) -> dict[str, str]:
    return {"name": name, "priority": "normal"}


def adding(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(ADD, user(name))
        return name

    return work


def putting_off(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        put_off(connection, ADD, user(name))
        return name

    return work


def names(connection: Connection) -> set[str]:
    return set(connection.execute(select(col(User.name)).where(col(User.name) != "local")).scalars())


class Losing:
    """Work whose connection is cut by the server the first time; then it does what it is given to do."""

    def __init__(self, studio: Studio, then: Callable[[Connection], str]) -> None:
        self._url = studio.database.url
        self._then = then
        self.tries = 0

    def __call__(self, connection: Connection) -> str:
        """Do it."""
        self.tries += 1
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        if self.tries == 1:
            killer = create_engine(self._url)
            with killer.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": process})
            killer.dispose()
        return self._then(connection)


def test_what_is_put_off_is_written_with_the_commit(transactions: Transactions) -> None:
    seen: list[set[str]] = []

    def work(connection: Connection) -> str:
        putting_off("late")(connection)
        seen.append(names(connection))
        return adding("soon")(connection)

    assert transactions.carry_out(work) == "soon"
    assert seen == [set()]
    assert transactions.carry_out(names) == {"soon", "late"}


def test_what_one_work_put_off_the_next_of_the_same_transaction_sees(transactions: Transactions) -> None:
    outcomes = transactions.carry_out_each([putting_off("first"), names, putting_off("second")])
    assert outcomes == [("first", None), ({"first"}, None), ("second", None)]
    assert transactions.carry_out(names) == {"first", "second"}


def test_what_a_broken_work_put_off_is_never_written(transactions: Transactions) -> None:
    def breaking(connection: Connection) -> str:
        putting_off("broken")(connection)
        raise ValueError("no")

    first, broken, last = transactions.carry_out_each([putting_off("first"), breaking, putting_off("last")])
    assert (first, last) == (("first", None), ("last", None))
    assert isinstance(broken[1], ValueError)
    with pytest.raises(ValueError, match="no"):
        transactions.carry_out(breaking)
    assert transactions.carry_out(names) == {"first", "last"}


def test_what_the_database_refuses_at_the_end_leaves_nothing_behind(transactions: Transactions) -> None:
    def refused(connection: Connection) -> str:
        adding("beside")(connection)
        put_off(connection, ADD, {"name": None, "priority": "normal"})
        return "refused"

    with pytest.raises(Exception, match=r"(?i)not.null") as raised:
        transactions.carry_out(refused)
    assert isinstance(raised.value, IntegrityError)
    assert transactions.carry_out(names) == set()
    assert transactions.carry_out(putting_off("after")) == "after"
    assert transactions.carry_out(names) == {"after"}


@pytest.mark.usefixtures("on_postgresql")
def test_a_connection_lost_before_the_end_costs_nothing_but_a_second_try(
    studio: Studio, transactions: Transactions
) -> None:
    losing = Losing(studio, adding("lost"))
    assert transactions.carry_out(losing) == "lost"
    assert losing.tries == 2
    assert transactions.carry_out(names) == {"lost"}


@pytest.mark.usefixtures("on_postgresql")
@pytest.mark.parametrize("others", [0, 2])
def test_a_connection_lost_at_the_commit_is_told_to_all_and_nothing_is_done_again(
    studio: Studio, transactions: Transactions, others: int
) -> None:
    """The commit may have taken place: whoever asks again will see."""
    losing = Losing(studio, putting_off("lost"))
    outcomes = transactions.carry_out_each([*(adding(f"beside {n}") for n in range(others)), losing])
    assert losing.tries == 1
    assert all(isinstance(error, OperationalError) for _, error in outcomes)
    assert transactions.carry_out(names) == set()
    assert transactions.carry_out(putting_off("after")) == "after"
