// Header fields that carry credentials, and how to hide them.
#pragma once

#include <string_view>
#include <vector>

#include "select/spans.h"

namespace gotls {

// Authorization, Cookie, Set-Cookie, X-Api-Key and the like, in any case.
bool IsCredentialHeader(std::string_view name);

// Adds what is secret of the value of a header for which that is true: what tells a reader most is
// kept, as the scheme of Authorization, the names of cookies and the attributes of Set-Cookie.
void FindCredentials(std::string_view name, std::string_view value, std::vector<SecretSpan>& spans);

}  // namespace gotls
