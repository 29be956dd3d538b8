/*
 * LD_PRELOAD: programs find emulated devices at /dev/hidrawN. What they open is a SOCK_SEQPACKET connection to
 * $HIDSHIM_DIR/hidrawN.sock, which keeps the boundaries of reports:
 *
 *   connection 'D'  one message per report; what is written begins with the report number, as with hidraw
 *   connection 'C'  one message per ioctl: [number u8][length u16le][data], answered by [result i32le][data]
 *
 * A file hidrawN.errno makes opening fail with the number that it holds: another program has the device, or the person has no rights.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST_FDS 4096
#define HIDRAW_MAJOR 241

static int control_of[MOST_FDS]; /* 0: not one of ours */
static int number_of[MOST_FDS];
static pthread_mutex_t ioctls = PTHREAD_MUTEX_INITIALIZER;

#define REAL(type, name)                     \
  static type real_##name;                   \
  if (!real_##name) real_##name = (type)dlsym(RTLD_NEXT, #name)

typedef int (*close_type)(int);
typedef int (*ioctl_type)(int, unsigned long, ...);
typedef int (*open_type)(const char *, int, ...);
typedef int (*openat_type)(int, const char *, int, ...);

static int real_close_of(int fd) {
  REAL(close_type, close);
  return real_close(fd);
}

static int ours(int fd) { return fd >= 0 && fd < MOST_FDS && control_of[fd]; }

static int hidraw_number(const char *path) {
  int number;
  char more;
  if (!path || !getenv("HIDSHIM_DIR")) return -1;
  return sscanf(path, "/dev/hidraw%d%c", &number, &more) == 1 ? number : -1;
}

static int connect_to(int number, char kind) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/hidraw%d.sock", getenv("HIDSHIM_DIR"), number);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&address, sizeof address) || send(fd, &kind, 1, MSG_NOSIGNAL) != 1) {
    int why = errno == ECONNREFUSED || errno == EPIPE ? ENODEV : errno;
    real_close_of(fd);
    errno = why;
    return -1;
  }
  return fd;
}

static int refusal(int number) {
  char path[256];
  int why = 0;
  snprintf(path, sizeof path, "%s/hidraw%d.errno", getenv("HIDSHIM_DIR"), number);
  FILE *file = fopen(path, "r");
  if (!file) return 0;
  if (fscanf(file, "%d", &why) != 1) why = EIO;
  fclose(file);
  return why;
}

static int open_hidraw(int number, int flags) {
  int why = refusal(number);
  if (why) {
    errno = why;
    return -1;
  }
  int reports = connect_to(number, 'D');
  if (reports < 0) return -1;
  int control = connect_to(number, 'C');
  if (control < 0 || reports >= MOST_FDS) {
    real_close_of(reports);
    errno = ENODEV;
    return -1;
  }
  if (flags & O_NONBLOCK) fcntl(reports, F_SETFL, O_NONBLOCK);
  number_of[reports] = number;
  control_of[reports] = control;
  return reports;
}

static mode_t mode_in(int flags, va_list list) { return flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0; }

#define OPEN(name)                                               \
  int name(const char *path, int flags, ...) {                   \
    va_list list;                                                \
    va_start(list, flags);                                       \
    mode_t mode = mode_in(flags, list);                          \
    va_end(list);                                                \
    int number = hidraw_number(path);                            \
    if (number >= 0) return open_hidraw(number, flags);          \
    REAL(open_type, name);                                       \
    return real_##name(path, flags, mode);                       \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                             \
  int name(int at, const char *path, int flags, ...) {           \
    va_list list;                                                \
    va_start(list, flags);                                       \
    mode_t mode = mode_in(flags, list);                          \
    va_end(list);                                                \
    int number = hidraw_number(path);                            \
    if (number >= 0) return open_hidraw(number, flags);          \
    REAL(openat_type, name);                                     \
    return real_##name(at, path, flags, mode);                   \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  if (ours(fd)) {
    int control = control_of[fd];
    control_of[fd] = 0;
    real_close_of(control);
  }
  return real_close_of(fd);
}

/* Asks the device; copies at most `room` bytes of its answer to `data`. */
static int ask(int fd, int number, uint8_t *data, int length, int room) {
  uint8_t message[8300];
  if (length > 8192) length = 8192;
  message[0] = number;
  message[1] = length & 255;
  message[2] = length >> 8;
  memcpy(message + 3, data, length);
  pthread_mutex_lock(&ioctls);
  int control = control_of[fd];
  int got = -1;
  if (send(control, message, 3 + length, MSG_NOSIGNAL) > 0) got = recv(control, message, sizeof message, 0);
  pthread_mutex_unlock(&ioctls);
  int32_t result = 0;
  if (got < (int)sizeof result) {
    errno = ENODEV;
    return -1;
  }
  memcpy(&result, message, sizeof result);
  if (result < 0) {
    errno = -result;
    return -1;
  }
  got -= sizeof result;
  memcpy(data, message + sizeof result, got < room ? got : room);
  return result;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (!ours(fd)) {
    REAL(ioctl_type, ioctl);
    return real_ioctl(fd, request, argument);
  }
  if (_IOC_TYPE(request) != 'H') {
    errno = ENOTTY;
    return -1;
  }
  int size = _IOC_SIZE(request);
  uint8_t answer[8192];
  switch (_IOC_NR(request)) {
    case 1: { /* HIDIOCGRDESCSIZE */
      int length = ask(fd, 1, answer, 0, sizeof answer);
      if (length < 0) return -1;
      *(int *)argument = length;
      return 0;
    }
    case 2: { /* HIDIOCGRDESC */
      struct hidraw_report_descriptor *descriptor = argument;
      int length = ask(fd, 1, answer, 0, sizeof answer);
      if (length < 0) return -1;
      memcpy(descriptor->value, answer, descriptor->size < (unsigned)length ? descriptor->size : (unsigned)length);
      return 0;
    }
    case 3: /* HIDIOCGRAWINFO */
      return ask(fd, 3, argument, 0, size) < 0 ? -1 : 0;
    case 6: /* HIDIOCSFEATURE */
      return ask(fd, 6, argument, size, 0);
    case 7: /* HIDIOCGFEATURE */
      return ask(fd, 7, argument, size, size);
  }
  errno = EINVAL;
  return -1;
}

/* A device that is gone is ENODEV, not a signal that ends the program. */
ssize_t write(int fd, const void *bytes, size_t length) {
  if (!ours(fd)) {
    typedef ssize_t (*write_type)(int, const void *, size_t);
    REAL(write_type, write);
    return real_write(fd, bytes, length);
  }
  ssize_t done = send(fd, bytes, length, MSG_NOSIGNAL);
  if (done < 0 && (errno == EPIPE || errno == ECONNRESET)) errno = ENODEV;
  return done;
}

#define STAT(name, type)                                                   \
  int name(int fd, struct type *out) {                                     \
    typedef int (*fstat_type)(int, struct type *);                         \
    REAL(fstat_type, name);                                                \
    int result = real_##name(fd, out);                                     \
    if (result == 0 && ours(fd)) {                                         \
      out->st_mode = (out->st_mode & ~S_IFMT) | S_IFCHR;                   \
      out->st_rdev = makedev(HIDRAW_MAJOR, number_of[fd]);                 \
    }                                                                      \
    return result;                                                         \
  }
STAT(fstat, stat)
STAT(fstat64, stat64)
