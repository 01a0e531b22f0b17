// What guest programs print: the outcome of a call as a word.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char* outcome(long result)
{
    return result < 0 ? strerrorname_np(errno) : "done";
}

/// "what: done", "what: ENOENT"; or the number where it matters.
#define SHOW(call)                                  \
    do {                                            \
        errno = 0;                                  \
        const long shown_ = (long)(call);           \
        printf("%s: %s\n", #call, outcome(shown_)); \
    } while (0)
#define SHOW_NUMBER(call)                               \
    do {                                                \
        errno = 0;                                      \
        const long shown_ = (long)(call);               \
        if (shown_ < 0)                                 \
            printf("%s: %s\n", #call, outcome(shown_)); \
        else                                            \
            printf("%s: %ld\n", #call, shown_);         \
    } while (0)
