#include "syscall/flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace norn {

namespace {

using Names = FlagName;

constexpr Names mmap_prot[] = {{1, "PROT_READ"},
                               {2, "PROT_WRITE"},
                               {4, "PROT_EXEC"},
                               {8, "PROT_SEM"},
                               {0x1000000, "PROT_GROWSDOWN"},
                               {0x2000000, "PROT_GROWSUP"},
                               {0, "PROT_NONE"}};
constexpr Names mmap_flags[] = {{0x40, "MAP_32BIT"},        {0x10, "MAP_FIXED"},
                                {0x20, "MAP_ANONYMOUS"},    {0x4000, "MAP_NORESERVE"},
                                {0x8000, "MAP_POPULATE"},   {0x10000, "MAP_NONBLOCK"},
                                {0x100, "MAP_GROWSDOWN"},   {0x800, "MAP_DENYWRITE"},
                                {0x1000, "MAP_EXECUTABLE"}, {0x2000, "MAP_LOCKED"},
                                {0x20000, "MAP_STACK"},     {0x40000, "MAP_HUGETLB"},
                                {0x80000, "MAP_SYNC"},      {0x100000, "MAP_FIXED_NOREPLACE"}};
constexpr Names mmap_type[] = {
    {0, "MAP_FILE"}, {1, "MAP_SHARED"}, {2, "MAP_PRIVATE"}, {3, "MAP_SHARED_VALIDATE"}};
constexpr Names mremap_flags[] = {{1, "MREMAP_MAYMOVE"}, {2, "MREMAP_FIXED"}, {4, "MREMAP_DONTUNMAP"}};
constexpr Names msync_flags[] = {{1, "MS_ASYNC"}, {2, "MS_INVALIDATE"}, {4, "MS_SYNC"}};
constexpr Names madvise_advice[] = {
    {0, "MADV_NORMAL"},           {1, "MADV_RANDOM"},         {2, "MADV_SEQUENTIAL"},
    {3, "MADV_WILLNEED"},         {4, "MADV_DONTNEED"},       {8, "MADV_FREE"},
    {9, "MADV_REMOVE"},           {10, "MADV_DONTFORK"},      {11, "MADV_DOFORK"},
    {12, "MADV_MERGEABLE"},       {13, "MADV_UNMERGEABLE"},   {14, "MADV_HUGEPAGE"},
    {15, "MADV_NOHUGEPAGE"},      {16, "MADV_DONTDUMP"},      {17, "MADV_DODUMP"},
    {18, "MADV_WIPEONFORK"},      {19, "MADV_KEEPONFORK"},    {20, "MADV_COLD"},
    {21, "MADV_PAGEOUT"},         {22, "MADV_POPULATE_READ"}, {23, "MADV_POPULATE_WRITE"},
    {24, "MADV_DONTNEED_LOCKED"}, {25, "MADV_COLLAPSE"},      {100, "MADV_HWPOISON"}};
constexpr Names mlockall_flags[] = {{1, "MCL_CURRENT"}, {2, "MCL_FUTURE"}, {4, "MCL_ONFAULT"}};
constexpr Names mlock2_flags[] = {{1, "MLOCK_ONFAULT"}};
constexpr Names mempolicy_mode[] = {
    {0, "MPOL_DEFAULT"}, {1, "MPOL_PREFERRED"}, {2, "MPOL_BIND"}, {3, "MPOL_INTERLEAVE"}, {4, "MPOL_LOCAL"}};
constexpr Names mempolicy_flags[] = {{1, "MPOL_F_NODE"}, {2, "MPOL_F_ADDR"}, {4, "MPOL_F_MEMS_ALLOWED"}};
constexpr Names pkey_rights[] = {{1, "PKEY_DISABLE_ACCESS"}, {2, "PKEY_DISABLE_WRITE"}};

constexpr Names open_access[] = {{0, "O_RDONLY"}, {1, "O_WRONLY"}, {2, "O_RDWR"}, {3, "O_ACCMODE"}};
constexpr Names open_flags[] = {{0100, "O_CREAT"},        {0200, "O_EXCL"},         {0400, "O_NOCTTY"},
                                {01000, "O_TRUNC"},       {02000, "O_APPEND"},      {04000, "O_NONBLOCK"},
                                {04010000, "O_SYNC"},     {010000, "O_DSYNC"},      {020000, "FASYNC"},
                                {040000, "O_DIRECT"},     {0100000, "O_LARGEFILE"}, {0400000, "O_NOFOLLOW"},
                                {01000000, "O_NOATIME"},  {02000000, "O_CLOEXEC"},  {010000000, "O_PATH"},
                                {020200000, "O_TMPFILE"}, {0200000, "O_DIRECTORY"}};
constexpr Names pipe_flags[] = {
    {04000, "O_NONBLOCK"}, {02000000, "O_CLOEXEC"}, {040000, "O_DIRECT"}, {0200, "O_EXCL"}};
constexpr Names epoll_create_flags[] = {{02000000, "EPOLL_CLOEXEC"}};
constexpr Names timerfd_create_flags[] = {{02000000, "TFD_CLOEXEC"}, {04000, "TFD_NONBLOCK"}};
constexpr Names signalfd_flags[] = {{02000000, "SFD_CLOEXEC"}, {04000, "SFD_NONBLOCK"}};
constexpr Names inotify_flags[] = {{04000, "IN_NONBLOCK"}, {02000000, "IN_CLOEXEC"}};
constexpr Names eventfd_flags[] = {{1, "EFD_SEMAPHORE"}, {02000000, "EFD_CLOEXEC"}, {04000, "EFD_NONBLOCK"}};
constexpr Names pidfd_flags[] = {{04000, "PIDFD_NONBLOCK"}, {0200, "PIDFD_THREAD"}};
constexpr Names lseek_whence[] = {
    {0, "SEEK_SET"}, {1, "SEEK_CUR"}, {2, "SEEK_END"}, {3, "SEEK_DATA"}, {4, "SEEK_HOLE"}};
constexpr Names access_mode[] = {{4, "R_OK"}, {2, "W_OK"}, {1, "X_OK"}, {0, "F_OK"}};
constexpr Names at_flags[] = {{0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_REMOVEDIR"},
                              {0x400, "AT_SYMLINK_FOLLOW"},   {0x800, "AT_NO_AUTOMOUNT"},
                              {0x1000, "AT_EMPTY_PATH"},      {0x2000, "AT_STATX_FORCE_SYNC"},
                              {0x4000, "AT_STATX_DONT_SYNC"}};
constexpr Names statx_sync[] = {
    {0, "AT_STATX_SYNC_AS_STAT"}, {0x2000, "AT_STATX_FORCE_SYNC"}, {0x4000, "AT_STATX_DONT_SYNC"}};
constexpr Names faccessat_flags[] = {
    {0x200, "AT_EACCESS"}, {0x100, "AT_SYMLINK_NOFOLLOW"}, {0x1000, "AT_EMPTY_PATH"}};
constexpr Names statx_mask[] = {
    {0xfff, "STATX_ALL"},      {0x7ff, "STATX_BASIC_STATS"}, {1, "STATX_TYPE"},
    {2, "STATX_MODE"},         {4, "STATX_NLINK"},           {8, "STATX_UID"},
    {0x10, "STATX_GID"},       {0x20, "STATX_ATIME"},        {0x40, "STATX_MTIME"},
    {0x80, "STATX_CTIME"},     {0x100, "STATX_INO"},         {0x200, "STATX_SIZE"},
    {0x400, "STATX_BLOCKS"},   {0x800, "STATX_BTIME"},       {0x1000, "STATX_MNT_ID"},
    {0x2000, "STATX_DIOALIGN"}};
constexpr Names fcntl_cmd[] = {{0, "F_DUPFD"},         {1, "F_GETFD"},          {2, "F_SETFD"},
                               {3, "F_GETFL"},         {4, "F_SETFL"},          {5, "F_GETLK"},
                               {6, "F_SETLK"},         {7, "F_SETLKW"},         {8, "F_SETOWN"},
                               {9, "F_GETOWN"},        {10, "F_SETSIG"},        {11, "F_GETSIG"},
                               {15, "F_SETOWN_EX"},    {16, "F_GETOWN_EX"},     {36, "F_OFD_GETLK"},
                               {37, "F_OFD_SETLK"},    {38, "F_OFD_SETLKW"},    {1024, "F_SETLEASE"},
                               {1025, "F_GETLEASE"},   {1026, "F_NOTIFY"},      {1030, "F_DUPFD_CLOEXEC"},
                               {1031, "F_SETPIPE_SZ"}, {1032, "F_GETPIPE_SZ"},  {1033, "F_ADD_SEALS"},
                               {1034, "F_GET_SEALS"},  {1035, "F_GET_RW_HINT"}, {1036, "F_SET_RW_HINT"}};
constexpr Names fd_flags[] = {{1, "FD_CLOEXEC"}};
constexpr Names seals[] = {{1, "F_SEAL_SEAL"},
                           {2, "F_SEAL_SHRINK"},
                           {4, "F_SEAL_GROW"},
                           {8, "F_SEAL_WRITE"},
                           {16, "F_SEAL_FUTURE_WRITE"}};
constexpr Names lock_type[] = {{0, "F_RDLCK"}, {1, "F_WRLCK"}, {2, "F_UNLCK"}};
constexpr Names flock_op[] = {{1, "LOCK_SH"}, {2, "LOCK_EX"}, {8, "LOCK_UN"}, {4, "LOCK_NB"}};
constexpr Names rename_flags[] = {{1, "RENAME_NOREPLACE"}, {2, "RENAME_EXCHANGE"}, {4, "RENAME_WHITEOUT"}};
constexpr Names memfd_flags[] = {{1, "MFD_CLOEXEC"},
                                 {2, "MFD_ALLOW_SEALING"},
                                 {4, "MFD_HUGETLB"},
                                 {8, "MFD_NOEXEC_SEAL"},
                                 {16, "MFD_EXEC"}};
constexpr Names splice_flags[] = {
    {1, "SPLICE_F_MOVE"}, {2, "SPLICE_F_NONBLOCK"}, {4, "SPLICE_F_MORE"}, {8, "SPLICE_F_GIFT"}};
constexpr Names sync_range_flags[] = {
    {1, "SYNC_FILE_RANGE_WAIT_BEFORE"}, {2, "SYNC_FILE_RANGE_WRITE"}, {4, "SYNC_FILE_RANGE_WAIT_AFTER"}};
constexpr Names falloc_flags[] = {{1, "FALLOC_FL_KEEP_SIZE"},      {2, "FALLOC_FL_PUNCH_HOLE"},
                                  {8, "FALLOC_FL_COLLAPSE_RANGE"}, {16, "FALLOC_FL_ZERO_RANGE"},
                                  {32, "FALLOC_FL_INSERT_RANGE"},  {64, "FALLOC_FL_UNSHARE_RANGE"}};
constexpr Names fadvise[] = {{0, "POSIX_FADV_NORMAL"},     {1, "POSIX_FADV_RANDOM"},
                             {2, "POSIX_FADV_SEQUENTIAL"}, {3, "POSIX_FADV_WILLNEED"},
                             {4, "POSIX_FADV_DONTNEED"},   {5, "POSIX_FADV_NOREUSE"}};
constexpr Names close_range_flags[] = {{2, "CLOSE_RANGE_UNSHARE"}, {4, "CLOSE_RANGE_CLOEXEC"}};
constexpr Names rwf_flags[] = {
    {1, "RWF_HIPRI"}, {2, "RWF_DSYNC"}, {4, "RWF_SYNC"}, {8, "RWF_NOWAIT"}, {16, "RWF_APPEND"}};
constexpr Names xattr_flags[] = {{1, "XATTR_CREATE"}, {2, "XATTR_REPLACE"}};
constexpr Names epoll_op[] = {{1, "EPOLL_CTL_ADD"}, {2, "EPOLL_CTL_DEL"}, {3, "EPOLL_CTL_MOD"}};
constexpr Names epoll_events[] = {{1, "EPOLLIN"},
                                  {2, "EPOLLPRI"},
                                  {4, "EPOLLOUT"},
                                  {0x40, "EPOLLRDNORM"},
                                  {0x80, "EPOLLRDBAND"},
                                  {0x100, "EPOLLWRNORM"},
                                  {0x200, "EPOLLWRBAND"},
                                  {0x400, "EPOLLMSG"},
                                  {8, "EPOLLERR"},
                                  {16, "EPOLLHUP"},
                                  {0x2000, "EPOLLRDHUP"},
                                  {1u << 28, "EPOLLEXCLUSIVE"},
                                  {1u << 29, "EPOLLWAKEUP"},
                                  {1u << 30, "EPOLLONESHOT"},
                                  {1u << 31, "EPOLLET"}};
constexpr Names poll_events[] = {{1, "POLLIN"},         {2, "POLLPRI"},       {4, "POLLOUT"},
                                 {0x40, "POLLRDNORM"},  {0x80, "POLLRDBAND"}, {0x100, "POLLWRNORM"},
                                 {0x200, "POLLWRBAND"}, {0x400, "POLLMSG"},   {0x2000, "POLLRDHUP"},
                                 {8, "POLLERR"},        {16, "POLLHUP"},      {32, "POLLNVAL"}};
constexpr Names socket_family[] = {{0, "AF_UNSPEC"}, {1, "AF_UNIX"},     {2, "AF_INET"},
                                   {10, "AF_INET6"}, {16, "AF_NETLINK"}, {17, "AF_PACKET"}};
constexpr Names socket_base[] = {
    {1, "SOCK_STREAM"}, {2, "SOCK_DGRAM"}, {3, "SOCK_RAW"}, {5, "SOCK_SEQPACKET"}};
constexpr Names socket_flags[] = {{02000000, "SOCK_CLOEXEC"}, {04000, "SOCK_NONBLOCK"}};

constexpr Names clocks[] = {
    {0, "CLOCK_REALTIME"},          {1, "CLOCK_MONOTONIC"},     {2, "CLOCK_PROCESS_CPUTIME_ID"},
    {3, "CLOCK_THREAD_CPUTIME_ID"}, {4, "CLOCK_MONOTONIC_RAW"}, {5, "CLOCK_REALTIME_COARSE"},
    {6, "CLOCK_MONOTONIC_COARSE"},  {7, "CLOCK_BOOTTIME"},      {8, "CLOCK_REALTIME_ALARM"},
    {9, "CLOCK_BOOTTIME_ALARM"},    {11, "CLOCK_TAI"}};
constexpr Names timer_flags[] = {{1, "TIMER_ABSTIME"}};
constexpr Names timerfd_flags[] = {{1, "TFD_TIMER_ABSTIME"}, {2, "TFD_TIMER_CANCEL_ON_SET"}};
constexpr Names itimer[] = {{0, "ITIMER_REAL"}, {1, "ITIMER_VIRTUAL"}, {2, "ITIMER_PROF"}};
constexpr Names priority[] = {{0, "PRIO_PROCESS"}, {1, "PRIO_PGRP"}, {2, "PRIO_USER"}};
constexpr Names ioprio[] = {{1, "IOPRIO_WHO_PROCESS"}, {2, "IOPRIO_WHO_PGRP"}, {3, "IOPRIO_WHO_USER"}};
constexpr Names sched_policy[] = {{0, "SCHED_OTHER"}, {1, "SCHED_FIFO"}, {2, "SCHED_RR"},
                                  {3, "SCHED_BATCH"}, {5, "SCHED_IDLE"}, {6, "SCHED_DEADLINE"}};
constexpr Names futex_op[] = {{0, "FUTEX_WAIT"},
                              {1, "FUTEX_WAKE"},
                              {2, "FUTEX_FD"},
                              {3, "FUTEX_REQUEUE"},
                              {4, "FUTEX_CMP_REQUEUE"},
                              {5, "FUTEX_WAKE_OP"},
                              {6, "FUTEX_LOCK_PI"},
                              {7, "FUTEX_UNLOCK_PI"},
                              {8, "FUTEX_TRYLOCK_PI"},
                              {9, "FUTEX_WAIT_BITSET"},
                              {10, "FUTEX_WAKE_BITSET"},
                              {11, "FUTEX_WAIT_REQUEUE_PI"},
                              {12, "FUTEX_CMP_REQUEUE_PI"},
                              {13, "FUTEX_LOCK_PI2"}};
constexpr Names getrandom_flags[] = {{1, "GRND_NONBLOCK"}, {2, "GRND_RANDOM"}, {4, "GRND_INSECURE"}};
constexpr Names membarrier[] = {{0, "MEMBARRIER_CMD_QUERY"},
                                {1, "MEMBARRIER_CMD_GLOBAL"},
                                {2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"},
                                {4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"},
                                {8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"},
                                {16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"},
                                {32, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"},
                                {64, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"},
                                {128, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ"},
                                {256, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ"}};

constexpr Names clone_flags[] = {{0x100, "CLONE_VM"},
                                 {0x200, "CLONE_FS"},
                                 {0x400, "CLONE_FILES"},
                                 {0x800, "CLONE_SIGHAND"},
                                 {0x1000, "CLONE_PIDFD"},
                                 {0x2000, "CLONE_PTRACE"},
                                 {0x4000, "CLONE_VFORK"},
                                 {0x8000, "CLONE_PARENT"},
                                 {0x10000, "CLONE_THREAD"},
                                 {0x20000, "CLONE_NEWNS"},
                                 {0x40000, "CLONE_SYSVSEM"},
                                 {0x80000, "CLONE_SETTLS"},
                                 {0x100000, "CLONE_PARENT_SETTID"},
                                 {0x200000, "CLONE_CHILD_CLEARTID"},
                                 {0x400000, "CLONE_DETACHED"},
                                 {0x800000, "CLONE_UNTRACED"},
                                 {0x1000000, "CLONE_CHILD_SETTID"},
                                 {0x2000000, "CLONE_NEWCGROUP"},
                                 {0x4000000, "CLONE_NEWUTS"},
                                 {0x8000000, "CLONE_NEWIPC"},
                                 {0x10000000, "CLONE_NEWUSER"},
                                 {0x20000000, "CLONE_NEWPID"},
                                 {0x40000000, "CLONE_NEWNET"},
                                 {0x80000000, "CLONE_IO"},
                                 {0x100000000, "CLONE_CLEAR_SIGHAND"},
                                 {0x200000000, "CLONE_INTO_CGROUP"}};
constexpr Names wait_options[] = {{1, "WNOHANG"},         {2, "WSTOPPED"},
                                  {4, "WEXITED"},         {8, "WCONTINUED"},
                                  {0x1000000, "WNOWAIT"}, {0x20000000, "__WNOTHREAD"},
                                  {0x40000000, "__WALL"}, {0x80000000, "__WCLONE"}};
constexpr Names wait4_options[] = {{1, "WNOHANG"},         {2, "WSTOPPED"},
                                   {8, "WCONTINUED"},      {0x20000000, "__WNOTHREAD"},
                                   {0x40000000, "__WALL"}, {0x80000000, "__WCLONE"}};
constexpr Names id_type[] = {{0, "P_ALL"}, {1, "P_PID"}, {2, "P_PGID"}, {3, "P_PIDFD"}};
constexpr Names rlimit_names[] = {
    {0, "RLIMIT_CPU"},       {1, "RLIMIT_FSIZE"}, {2, "RLIMIT_DATA"},    {3, "RLIMIT_STACK"},
    {4, "RLIMIT_CORE"},      {5, "RLIMIT_RSS"},   {6, "RLIMIT_NPROC"},   {7, "RLIMIT_NOFILE"},
    {8, "RLIMIT_MEMLOCK"},   {9, "RLIMIT_AS"},    {10, "RLIMIT_LOCKS"},  {11, "RLIMIT_SIGPENDING"},
    {12, "RLIMIT_MSGQUEUE"}, {13, "RLIMIT_NICE"}, {14, "RLIMIT_RTPRIO"}, {15, "RLIMIT_RTTIME"}};
constexpr Names rusage_who[] = {{0, "RUSAGE_SELF"}, {0xffffffff, "RUSAGE_CHILDREN"}, {1, "RUSAGE_THREAD"}};
constexpr Names sigmask_how[] = {{0, "SIG_BLOCK"}, {1, "SIG_UNBLOCK"}, {2, "SIG_SETMASK"}};
constexpr Names sa_flags[] = {
    {0x4000000, "SA_RESTORER"}, {0x8000000, "SA_ONSTACK"},  {0x10000000, "SA_RESTART"},   {1, "SA_NOCLDSTOP"},
    {2, "SA_NOCLDWAIT"},        {0x40000000, "SA_NODEFER"}, {0x80000000, "SA_RESETHAND"}, {4, "SA_SIGINFO"}};
constexpr Names ss_flags[] = {{1, "SS_ONSTACK"}, {2, "SS_DISABLE"}, {0x80000000, "SS_AUTODISARM"}};
constexpr Names arch_prctl[] = {{0x1001, "ARCH_SET_GS"},    {0x1002, "ARCH_SET_FS"},
                                {0x1003, "ARCH_GET_FS"},    {0x1004, "ARCH_GET_GS"},
                                {0x1011, "ARCH_GET_CPUID"}, {0x1012, "ARCH_SET_CPUID"}};
constexpr Names prctl_options[] = {{1, "PR_SET_PDEATHSIG"},
                                   {2, "PR_GET_PDEATHSIG"},
                                   {3, "PR_GET_DUMPABLE"},
                                   {4, "PR_SET_DUMPABLE"},
                                   {5, "PR_GET_UNALIGN"},
                                   {6, "PR_SET_UNALIGN"},
                                   {7, "PR_GET_KEEPCAPS"},
                                   {8, "PR_SET_KEEPCAPS"},
                                   {13, "PR_GET_TIMING"},
                                   {14, "PR_SET_TIMING"},
                                   {15, "PR_SET_NAME"},
                                   {16, "PR_GET_NAME"},
                                   {21, "PR_GET_SECCOMP"},
                                   {22, "PR_SET_SECCOMP"},
                                   {23, "PR_CAPBSET_READ"},
                                   {24, "PR_CAPBSET_DROP"},
                                   {25, "PR_GET_TSC"},
                                   {26, "PR_SET_TSC"},
                                   {27, "PR_GET_SECUREBITS"},
                                   {28, "PR_SET_SECUREBITS"},
                                   {29, "PR_SET_TIMERSLACK"},
                                   {30, "PR_GET_TIMERSLACK"},
                                   {35, "PR_SET_MM"},
                                   {36, "PR_SET_CHILD_SUBREAPER"},
                                   {37, "PR_GET_CHILD_SUBREAPER"},
                                   {38, "PR_SET_NO_NEW_PRIVS"},
                                   {39, "PR_GET_NO_NEW_PRIVS"},
                                   {41, "PR_SET_THP_DISABLE"},
                                   {42, "PR_GET_THP_DISABLE"},
                                   {47, "PR_CAP_AMBIENT"},
                                   {0x53564d41, "PR_SET_VMA"},
                                   {0x59616d61, "PR_SET_PTRACER"}};
constexpr Names ioctl_requests[] = {{0x5401, "TCGETS"},
                                    {0x5402, "SNDCTL_TMR_START or TCSETS"},
                                    {0x5403, "SNDCTL_TMR_STOP or TCSETSW"},
                                    {0x5404, "SNDCTL_TMR_CONTINUE or TCSETSF"},
                                    {0x5409, "TCSBRK"},
                                    {0x540a, "TCXONC"},
                                    {0x540b, "TCFLSH"},
                                    {0x540e, "TIOCSCTTY"},
                                    {0x540f, "TIOCGPGRP"},
                                    {0x5410, "TIOCSPGRP"},
                                    {0x5411, "TIOCOUTQ"},
                                    {0x5412, "TIOCSTI"},
                                    {0x5413, "TIOCGWINSZ"},
                                    {0x5414, "TIOCSWINSZ"},
                                    {0x541b, "FIONREAD"},
                                    {0x5421, "FIONBIO"},
                                    {0x5422, "TIOCNOTTY"},
                                    {0x5429, "TIOCGSID"},
                                    {0x5450, "FIONCLEX"},
                                    {0x5451, "FIOCLEX"},
                                    {0x80045430, "TIOCGPTN"},
                                    {0x40045431, "TIOCSPTLCK"},
                                    {0x40049409, "FICLONE"},
                                    {0x4020940d, "FICLONERANGE"},
                                    {0xc0189436, "FIDEDUPERANGE"},
                                    {0xc020660b, "FS_IOC_FIEMAP"}};
constexpr Names grantable[] = {{0, "SUID_DUMP_DISABLE"}, {1, "SUID_DUMP_USER"}, {2, "SUID_DUMP_ROOT"}};
constexpr Names termios_iflag[] = {{1, "IGNBRK"},   {2, "BRKINT"},     {4, "IGNPAR"},   {8, "PARMRK"},
                                   {16, "INPCK"},   {32, "ISTRIP"},    {64, "INLCR"},   {128, "IGNCR"},
                                   {256, "ICRNL"},  {512, "IUCLC"},    {1024, "IXON"},  {2048, "IXANY"},
                                   {4096, "IXOFF"}, {8192, "IMAXBEL"}, {16384, "IUTF8"}};
constexpr Names termios_oflag[] = {{1, "OPOST"},  {2, "OLCUC"},   {4, "ONLCR"},  {8, "OCRNL"},
                                   {16, "ONOCR"}, {32, "ONLRET"}, {64, "OFILL"}, {128, "OFDEL"}};
constexpr Names termios_speed[] = {{0, "B0"},      {13, "B9600"},      {14, "B19200"},
                                   {15, "B38400"}, {0x1001, "B57600"}, {0x1002, "B115200"}};
constexpr Names termios_size[] = {{0, "CS5"}, {0x10, "CS6"}, {0x20, "CS7"}, {0x30, "CS8"}};
constexpr Names termios_cflag[] = {{0x40, "CSTOPB"},  {0x80, "CREAD"},  {0x100, "PARENB"},
                                   {0x200, "PARODD"}, {0x400, "HUPCL"}, {0x800, "CLOCAL"}};
constexpr Names termios_lflag[] = {
    {1, "ISIG"},       {2, "ICANON"},      {8, "ECHO"},        {16, "ECHOE"},      {32, "ECHOK"},
    {64, "ECHONL"},    {128, "NOFLSH"},    {0x8000, "IEXTEN"}, {0x200, "ECHOCTL"}, {0x400, "ECHOPRT"},
    {0x800, "ECHOKE"}, {0x1000, "FLUSHO"}, {0x4000, "PENDIN"}, {0x100, "TOSTOP"}};
constexpr Names capabilities[] = {{0, "CAP_CHOWN"},
                                  {1, "CAP_DAC_OVERRIDE"},
                                  {2, "CAP_DAC_READ_SEARCH"},
                                  {3, "CAP_FOWNER"},
                                  {4, "CAP_FSETID"},
                                  {5, "CAP_KILL"},
                                  {6, "CAP_SETGID"},
                                  {7, "CAP_SETUID"},
                                  {8, "CAP_SETPCAP"},
                                  {9, "CAP_LINUX_IMMUTABLE"},
                                  {10, "CAP_NET_BIND_SERVICE"},
                                  {11, "CAP_NET_BROADCAST"},
                                  {12, "CAP_NET_ADMIN"},
                                  {13, "CAP_NET_RAW"},
                                  {14, "CAP_IPC_LOCK"},
                                  {15, "CAP_IPC_OWNER"},
                                  {16, "CAP_SYS_MODULE"},
                                  {17, "CAP_SYS_RAWIO"},
                                  {18, "CAP_SYS_CHROOT"},
                                  {19, "CAP_SYS_PTRACE"},
                                  {20, "CAP_SYS_PACCT"},
                                  {21, "CAP_SYS_ADMIN"},
                                  {22, "CAP_SYS_BOOT"},
                                  {23, "CAP_SYS_NICE"},
                                  {24, "CAP_SYS_RESOURCE"},
                                  {25, "CAP_SYS_TIME"},
                                  {26, "CAP_SYS_TTY_CONFIG"},
                                  {27, "CAP_MKNOD"},
                                  {28, "CAP_LEASE"},
                                  {29, "CAP_AUDIT_WRITE"},
                                  {30, "CAP_AUDIT_CONTROL"},
                                  {31, "CAP_SETFCAP"},
                                  {32, "CAP_MAC_OVERRIDE"},
                                  {33, "CAP_MAC_ADMIN"},
                                  {34, "CAP_SYSLOG"},
                                  {35, "CAP_WAKE_ALARM"},
                                  {36, "CAP_BLOCK_SUSPEND"},
                                  {37, "CAP_AUDIT_READ"},
                                  {38, "CAP_PERFMON"},
                                  {39, "CAP_BPF"},
                                  {40, "CAP_CHECKPOINT_RESTORE"}};
constexpr Names statfs_flags[] = {{0x20, "ST_VALID"},    {1, "ST_RDONLY"},         {2, "ST_NOSUID"},
                                  {4, "ST_NODEV"},       {8, "ST_NOEXEC"},         {0x10, "ST_SYNCHRONOUS"},
                                  {0x400, "ST_NOATIME"}, {0x800, "ST_NODIRATIME"}, {0x1000, "ST_RELATIME"}};
constexpr Names statfs_types[] = {{0xef53, "EXT2_SUPER_MAGIC"},          {0x1021994, "TMPFS_MAGIC"},
                                  {0x9fa0, "PROC_SUPER_MAGIC"},          {0x62656572, "SYSFS_MAGIC"},
                                  {0x794c7630, "OVERLAYFS_SUPER_MAGIC"}, {0x58465342, "XFS_SUPER_MAGIC"},
                                  {0x9123683e, "BTRFS_SUPER_MAGIC"},     {0x1cd1, "DEVPTS_SUPER_MAGIC"},
                                  {0x50495045, "PIPEFS_MAGIC"},          {0x9041934, "ANON_INODE_FS_MAGIC"}};
constexpr Names file_types[] = {{0140000, "S_IFSOCK"}, {0120000, "S_IFLNK"}, {0100000, "S_IFREG"},
                                {0060000, "S_IFBLK"},  {0040000, "S_IFDIR"}, {0020000, "S_IFCHR"},
                                {0010000, "S_IFIFO"}};

constexpr auto sets = std::to_array<FlagSet>({
    {"mmap_prot", "PROT_???", true, mmap_prot},
    {"mmap_flags", "MAP_???", true, mmap_flags},
    {"mmap_type", "MAP_???", false, mmap_type},
    {"mremap_flags", "MREMAP_???", true, mremap_flags},
    {"msync_flags", "MS_???", true, msync_flags},
    {"madvise_advice", "MADV_???", false, madvise_advice},
    {"mlockall_flags", "MCL_???", true, mlockall_flags},
    {"mlock2_flags", "MLOCK_???", true, mlock2_flags},
    {"mempolicy_mode", "MPOL_???", false, mempolicy_mode},
    {"mempolicy_flags", "MPOL_???", true, mempolicy_flags},
    {"pkey_rights", "PKEY_???", true, pkey_rights},
    {"open_access", "O_???", false, open_access},
    {"open_rest", "O_???", true, open_flags},
    {"pipe_flags", "O_???", true, pipe_flags},
    {"epoll_create_flags", "EPOLL_???", true, epoll_create_flags},
    {"timerfd_create_flags", "TFD_???", true, timerfd_create_flags},
    {"signalfd_flags", "SFD_???", true, signalfd_flags},
    {"inotify_flags", "IN_???", true, inotify_flags},
    {"eventfd_flags", "EFD_???", true, eventfd_flags},
    {"pidfd", "PIDFD_???", true, pidfd_flags},
    {"lseek_whence", "SEEK_???", false, lseek_whence},
    {"access_mode", "?_OK", true, access_mode},
    {"at_flags", "AT_???", true, at_flags},
    {"at", "AT_???", true, at_flags},
    {"unlinkat_flags", "AT_???", true, at_flags},
    {"linkat_flags", "AT_???", true, at_flags},
    {"statx_sync", "AT_STATX_???", false, statx_sync},
    {"faccessat_flags", "AT_???", true, faccessat_flags},
    {"statx_mask", "STATX_???", true, statx_mask},
    {"fcntl_cmd", "F_???", false, fcntl_cmd},
    {"fd_flags", "FD_???", true, fd_flags},
    {"seals", "F_SEAL_???", true, seals},
    {"lock_type", "F_???", false, lock_type},
    {"flock_op", "LOCK_???", true, flock_op},
    {"rename_flags", "RENAME_??", true, rename_flags},
    {"memfd_flags", "MFD_???", true, memfd_flags},
    {"splice_flags", "SPLICE_F_???", true, splice_flags},
    {"sync_file_range_flags", "SYNC_FILE_RANGE_???", true, sync_range_flags},
    {"falloc_flags", "FALLOC_FL_???", true, falloc_flags},
    {"fadvise", "POSIX_FADV_???", false, fadvise},
    {"close_range_flags", "CLOSE_RANGE_???", true, close_range_flags},
    {"rwf_flags", "RWF_???", true, rwf_flags},
    {"xattr_flags", "XATTR_???", true, xattr_flags},
    {"epoll_op", "EPOLL_CTL_???", false, epoll_op},
    {"epoll_event_bits", "EPOLL???", true, epoll_events},
    {"poll_event_bits", "POLL???", true, poll_events},
    {"socket_family", "AF_???", false, socket_family},
    {"socket_base", "SOCK_???", false, socket_base},
    {"socket_flags", "SOCK_???", true, socket_flags},
    {"clock", "CLOCK_???", false, clocks},
    {"clock_id", "CLOCK_???", false, clocks},
    {"timer", "TIMER_???", true, timer_flags},
    {"timerfd_flags", "TFD_???", true, timerfd_flags},
    {"itimer", "ITIMER_???", false, itimer},
    {"priority", "PRIO_???", false, priority},
    {"ioprio", "IOPRIO_WHO_???", false, ioprio},
    {"sched_policy", "SCHED_???", false, sched_policy},
    {"futex_base", "FUTEX_???", false, futex_op},
    {"getrandom", "GRND_???", true, getrandom_flags},
    {"membarrier", "MEMBARRIER_CMD_???", false, membarrier},
    {"membarrier_result", "MEMBARRIER_CMD_???", true, std::span(membarrier).subspan(1)},
    {"clone_flags", "CLONE_???", true, clone_flags},
    {"wait_options", "W???", true, wait_options},
    {"wait4_options", "W???", true, wait4_options},
    {"waitid_type", "P_???", false, id_type},
    {"rlimit_resource", "RLIMIT_???", false, rlimit_names},
    {"rusage_who", "RUSAGE_???", false, rusage_who},
    {"sigprocmask_how", "SIG_???", false, sigmask_how},
    {"sa_flags", "SA_???", true, sa_flags},
    {"ss_flags", "SS_???", true, ss_flags},
    {"arch_prctl_code", "ARCH_???", false, arch_prctl},
    {"prctl_option", "PR_???", false, prctl_options},
    {"dumpable", "SUID_DUMP_???", false, grantable},
    {"ioctl_request", "ioctl", false, ioctl_requests},
    {"termios_iflag", "???", true, termios_iflag},
    {"termios_oflag", "???", true, termios_oflag},
    {"termios_speed", "B???", false, termios_speed},
    {"termios_size", "CS?", false, termios_size},
    {"termios_cflag", "???", true, termios_cflag},
    {"termios_lflag", "???", true, termios_lflag},
    {"capability", "CAP_???", false, capabilities},
    {"statfs_flags", "ST_???", true, statfs_flags},
    {"statfs_type", "f_type", false, statfs_types},
    {"file_type", "S_IF???", false, file_types},
});

constexpr std::array<std::string_view, 32> signal_names = {
    "0",         "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};

std::string show_bits(const FlagSet& set, uint64_t value)
{
    std::string text;
    uint64_t rest = value;
    const auto append = [&](std::string_view part) {
        if (!text.empty()) text += '|';
        text += part;
    };
    for (const FlagName& flag : set.names) {
        if (flag.value == 0 && value == 0) append(flag.name);
        if (flag.value == 0 || (rest & flag.value) != flag.value) continue;
        append(flag.name);
        rest &= ~flag.value;
    }
    if (rest != 0 && text.empty()) return fmt::format("{:#x} /* {} */", rest, set.prefix);
    if (rest != 0) append(fmt::format("{:#x}", rest));
    return text.empty() ? "0" : text;
}

}  // namespace

const FlagSet* find_flag_set(std::string_view set)
{
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const FlagSet& s) { return s.set == set; });
    return found == sets.end() ? nullptr : &*found;
}

std::string show_flags(const FlagSet& set, uint64_t value)
{
    if (set.bits) return show_bits(set, value);
    for (const FlagName& name : set.names)
        if (name.value == value) return std::string(name.name);
    return fmt::format("{:#x} /* {} */", value, set.prefix);
}

std::string show_flags(std::string_view set, uint64_t value)
{
    const FlagSet* const found = find_flag_set(set);
    if (found) return show_flags(*found, value);
    return value ? fmt::format("{:#x}", value) : "0";
}

std::string signal_name(int signal)
{
    if (signal >= 0 && signal < 32) return std::string(signal_names[static_cast<std::size_t>(signal)]);
    if (signal == 32) return "SIGRTMIN";
    if (signal > 32 && signal <= 64) return fmt::format("SIGRT_{}", signal - 32);
    return fmt::format("{}", signal);
}

}  // namespace norn
