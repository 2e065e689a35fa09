"""Fixtures of the providers: an `HttpProvider` with an account at the double."""

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from provider_double import Double
from trailerflow.providers.http import HttpProvider

Make = Callable[..., HttpProvider]


@pytest.fixture
async def make(double: Double) -> AsyncIterator[Make]:
    """Give a function that makes a provider at the double; all are closed at the end."""
    async with contextlib.AsyncExitStack() as stack:

        def make_provider(**wishes: Any) -> HttpProvider:
            provider = HttpProvider(**double.account(**wishes))
            stack.push_async_callback(provider.close)
            return provider

        yield make_provider


@pytest.fixture
def provider(make: Make) -> HttpProvider:
    """Give a provider at the double."""
    return make()
