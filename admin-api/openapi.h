#pragma once

#include <string_view>

namespace parley {

// openapi.json: the admin API as OpenAPI 3.1 has it.
extern const std::string_view kOpenApi;

}  // namespace parley
