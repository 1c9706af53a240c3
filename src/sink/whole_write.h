// A write that a killed program finishes all the same.
#pragma once

#include <string_view>

namespace gotls {

// Writes all of `text` at the file offset of `fd`. SIGKILL to this process cuts a write() short
// wherever it stands (generic_perform_write() in mm/filemap.c looks for it before each page), so
// that what crosses a page is written by a process of its own, which shares memory and files with
// this one and ends before this function returns. 0, or the errno of the write that failed: a part
// of the text is written then.
int WriteWhole(int fd, std::string_view text);

}  // namespace gotls
