"""What a request may cost is set aside before it, and counted after it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.author.budget import Budget
from assistant.author.client import Usage
from assistant.author.prices import PRICES, Price
from assistant.errors import BudgetError, Exit


TIERED = Price(1.0, 5.0, 1.25, 0.1, (1000, Price(2.0, 10.0, 2.5, 0.2)))


def test_each_kind_of_token_has_its_price() -> None:
    price = Price(sent=4, received=20, stored=5, cached=0.2)

    assert price.cost(Usage(sent=1_000_000)) == 4
    assert price.cost(Usage(received=500_000)) == 10
    assert price.cost(Usage(stored=100_000, cached=100_000)) == pytest.approx(0.52)


def test_a_long_request_is_dearer_as_a_whole() -> None:
    assert TIERED.cost(Usage(sent=900, cached=100, received=10)) == pytest.approx(960e-6)
    assert TIERED.cost(Usage(sent=901, cached=100, received=10)) == pytest.approx(1922e-6)


@pytest.mark.parametrize("model", PRICES)
def test_no_request_costs_more_than_its_most(model: str) -> None:
    price = PRICES[model]
    for size in (1, 50_000, 100_000, 100_001, 400_000):
        for read in (Usage(sent=size), Usage(stored=size), Usage(cached=size)):
            used = Usage(read.sent, read.cached, read.stored, received=2000)
            assert price.cost(used) <= price.most(size, 2000)


def test_what_was_spent_is_gone_and_what_was_not_comes_back() -> None:
    budget = Budget(1.0)

    held = budget.hold(0.8, "m")
    budget.settle(held, Usage(cost=0.3, requests=1))

    assert budget.spent == 0.3
    assert budget.hold(0.7, "m") == 0.7
    with pytest.raises(BudgetError, match=r"can cost up to \$0.1000") as caught:
        budget.hold(0.1, "m")
    assert "$0.0000 of $1.0000" in caught.value.why
    assert caught.value.code is Exit.STOPPED


def test_a_cost_that_is_not_known_counts_as_all_that_was_set_aside() -> None:
    budget = Budget(1.0)

    budget.settle(budget.hold(0.8, "m"), Usage(sent=5, cost=None, requests=1))

    assert (budget.spent, budget.used) == (0.8, Usage(sent=5, cost=None, requests=1))
    with pytest.raises(BudgetError):
        budget.hold(0.3, "m")


def test_without_a_limit_costs_are_only_counted() -> None:
    budget = Budget()

    budget.settle(budget.hold(None, "m"), Usage(received=7, cost=None))
    budget.settle(budget.hold(1e9, "m"), Usage(received=7, cost=2.0))

    assert (budget.used.received, budget.used.cost, budget.spent) == (14, None, 2.0)


def test_a_budget_of_nothing_lets_only_what_is_free_through() -> None:
    assert Budget(0.0).hold(0.0, "m") == 0.0
    with pytest.raises(BudgetError):
        Budget(0.0).hold(1e-9, "m")


def test_an_unknown_price_keeps_no_budget_and_its_models_name_no_terminal() -> None:
    with pytest.raises(BudgetError, match="cannot be kept") as caught:
        Budget(5.0).hold(None, "\x1b[31m")

    assert "\x1b" not in caught.value.why


def test_threads_share_one_budget() -> None:
    budget = Budget(1.0)

    def spend(_: int) -> bool:
        try:
            held = budget.hold(0.01, "m")
        except BudgetError:
            return False
        budget.settle(held, Usage(cost=0.01, requests=1))
        return True

    with ThreadPoolExecutor(8) as pool:
        spent = sum(pool.map(spend, range(1000)))

    assert spent in (99, 100)  # a hundredth may be lost to rounding
    assert budget.used.requests == spent
    assert budget.spent == pytest.approx(spent / 100)
