// Which processes descend from one, and whether a socket is open in them. From /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"

namespace larder::cli {

/// From now on orphans among this process's descendants become its children: they stay in its
/// tree, and are to be waited for.
Result<void> become_subreaper();

/// Whether a descendant of `ancestor` (not itself) has the socket open now. The caller keeps the
/// connection open meanwhile, so that the answer is about the socket that it means; `ancestor` is a
/// subreaper, so that nobody leaves the tree.
///
/// (1) A yes is never wrong: every step is verified on directories of /proc that are held open, and
///     so belong to one process even if its number is given to another.
/// (2) A no may come for a process whose descriptors may not be read: another user's, or one that
///     is protected from being traced.
bool descendant_has_socket(pid_t ancestor, std::uint32_t inode);

}  // namespace larder::cli
