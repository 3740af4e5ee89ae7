/*
 * Preloaded into a server that evictlab verify starts: its clock reads microseconds since 1970 from a page that
 * evictlab writes, so that hours of a trace pass in seconds. trace-clock.ts builds it and keeps the page.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *page;

static void __attribute__((constructor)) map_page(void) {
  const char *file = getenv("EVICTLAB_CLOCK_FILE");
  if (file == NULL) return;
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) page = mapped;
  close(fd);
}

static int64_t now_us(void) { return page == NULL ? 0 : *page; }

int clock_gettime(clockid_t clock, struct timespec *now) {
  (void)clock;
  int64_t us = now_us();
  now->tv_sec = us / 1000000;
  now->tv_nsec = us % 1000000 * 1000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  int64_t us = now_us();
  now->tv_sec = us / 1000000;
  now->tv_usec = us % 1000000;
  return 0;
}

time_t time(time_t *now) {
  time_t seconds = now_us() / 1000000;
  if (now != NULL) *now = seconds;
  return seconds;
}
