#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>

namespace parley {

// Coroutines run on an io_context and nothing else: naming its executor spares every await the type-erased one.
using Executor = asio::io_context::executor_type;

template <class T = void>
using awaitable = asio::awaitable<T, Executor>;

inline constexpr asio::use_awaitable_t<Executor> use_awaitable{};

// For a function that may have to wait, and does not: returns at once.
inline awaitable<void> no_wait() { co_return; }

}  // namespace parley
