// Extended attributes: the errors that come before a file system is asked.
#include "show.h"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

int main(void)
{
    char value[8];
    SHOW(getxattr("none", "user.a", value, 8));
    SHOW(setxattr("none", "user.a", "x", 1, 0));
    SHOW(listxattr("none", value, 8));
    SHOW(fgetxattr(99, "user.a", value, 8));
    SHOW(getxattr("/", "", value, 8));
    return 0;
}
