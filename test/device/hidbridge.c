/*
 * Serves the sockets of hidshim.c (Node has no SOCK_SEQPACKET) and joins them to the emulators by frames on stdin and stdout:
 * [length u32le][kind u8][device u16le][connection u16le][data], where the length counts from the kind on.
 *
 *   in   'A' serve a device   'X' it is pulled out   'I' an input report for whoever holds it   'R' answer of an ioctl
 *   out  'O' an output report, without its number    'C' an ioctl   'N' a program opened it   'G' a program closed it
 *
 * hidbridge FOLDER
 */
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 256
#define HEAD 9
#define BIGGEST 16384

enum use { FREE, INPUT, LISTENER, NEW, REPORTS, CONTROL };

static struct pollfd fds[MOST];
static struct {
  enum use use;
  int device;
} slots[MOST];
static const char *folder;

static void write_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t done = write(1, bytes, length);
    if (done <= 0) exit(0);
    bytes += done;
    length -= done;
  }
}

static void tell(char kind, int device, int connection, const uint8_t *data, size_t length) {
  uint8_t frame[HEAD + BIGGEST];
  uint32_t size = HEAD - 4 + length;
  memcpy(frame, &size, 4);
  frame[4] = kind;
  frame[5] = device & 255;
  frame[6] = device >> 8;
  frame[7] = connection & 255;
  frame[8] = connection >> 8;
  if (length > 0) memcpy(frame + HEAD, data, length);
  write_all(frame, HEAD + length);
}

static int keep(int fd, enum use use, int device) {
  for (int at = 0; at < MOST; at++) {
    if (slots[at].use != FREE) continue;
    fds[at].fd = fd;
    fds[at].events = POLLIN;
    fds[at].revents = 0;
    slots[at].use = use;
    slots[at].device = device;
    return at;
  }
  close(fd);
  return -1;
}

static void drop(int at) {
  if (slots[at].use == REPORTS) tell('G', slots[at].device, at, NULL, 0);
  close(fds[at].fd);
  fds[at].fd = -1;
  slots[at].use = FREE;
}

static void path_of(int device, struct sockaddr_un *address) {
  address->sun_family = AF_UNIX;
  snprintf(address->sun_path, sizeof address->sun_path, "%s/hidraw%d.sock", folder, device);
}

static void serve(int device) {
  struct sockaddr_un address = {0};
  path_of(device, &address);
  unlink(address.sun_path);
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 16)) exit(1);
  keep(fd, LISTENER, device);
  tell('A', device, 0, NULL, 0);
}

static void pull_out(int device) {
  struct sockaddr_un address = {0};
  path_of(device, &address);
  unlink(address.sun_path);
  for (int at = 0; at < MOST; at++)
    if (slots[at].use > INPUT && slots[at].device == device) drop(at);
  tell('X', device, 0, NULL, 0);
}

static void obey(const uint8_t *frame, size_t length) {
  int device = frame[1] | frame[2] << 8, connection = frame[3] | frame[4] << 8;
  const uint8_t *data = frame + 5;
  length -= 5;
  if (frame[0] == 'A') serve(device);
  if (frame[0] == 'X') pull_out(device);
  if (frame[0] == 'R' && connection < MOST && slots[connection].use == CONTROL)
    send(fds[connection].fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (frame[0] == 'I')
    for (int at = 0; at < MOST; at++)
      if (slots[at].use == REPORTS && slots[at].device == device)
        send(fds[at].fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void read_frames(void) {
  static uint8_t buffer[4 * BIGGEST];
  static size_t held;
  ssize_t got = read(0, buffer + held, sizeof buffer - held);
  if (got <= 0) exit(0);
  held += got;
  for (;;) {
    uint32_t size;
    if (held < 4) return;
    memcpy(&size, buffer, 4);
    if (size < 5 || size > BIGGEST) exit(1);
    if (held < 4 + size) return;
    obey(buffer + 4, size);
    held -= 4 + size;
    memmove(buffer, buffer + 4 + size, held);
  }
}

static void hear(int at) {
  uint8_t message[BIGGEST];
  int device = slots[at].device;
  if (slots[at].use == INPUT) return read_frames();
  if (slots[at].use == LISTENER) {
    int fd = accept(fds[at].fd, NULL, NULL);
    if (fd >= 0) keep(fd, NEW, device);
    return;
  }
  ssize_t length = recv(fds[at].fd, message, sizeof message, 0);
  if (length <= 0) return drop(at);
  if (slots[at].use == NEW) {
    slots[at].use = message[0] == 'D' ? REPORTS : CONTROL;
    if (message[0] == 'D') tell('N', device, at, NULL, 0);
  } else if (slots[at].use == CONTROL) {
    tell('C', device, at, message, length);
  } else {
    tell('O', device, at, message + 1, length - 1);
  }
}

int main(int count, char **arguments) {
  if (count != 2) return 1;
  folder = arguments[1];
  for (int at = 0; at < MOST; at++) fds[at].fd = -1;
  keep(0, INPUT, 0);
  for (;;) {
    if (poll(fds, MOST, -1) < 0) return 1;
    for (int at = 0; at < MOST; at++)
      if (fds[at].fd >= 0 && fds[at].revents) hear(at);
  }
}
