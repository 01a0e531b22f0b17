// LC-277: personality changes what uname says; sizes and errors of names.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(void)
{
    struct utsname u;
    uname(&u);
    printf("%s %s\n", u.sysname, u.machine);
    printf("old %x\n", personality(0xffffffff));
    printf("old %x\n", personality(PER_LINUX32));
    uname(&u);
    printf("%s\n", u.machine);
    printf("old %x\n", personality(UNAME26));
    uname(&u);
    printf("%.4s\n", u.release);
    personality(0);
    int r = uname((struct utsname*)8);
    printf("%d %d\n", r, errno == EFAULT);
    return 0;
}
