/*
 * The weather of the bed's WAN: every packet that crosses it is late, some are lost, and there is room for so many.
 *
 *   weather DEVICE DELAY_US MBIT_PER_SECOND LOSS_PER_MILLION SEED      (0: as much as there is, none)
 *
 * Makes a TUN device, says "up", and writes back what it reads from it, later. The rate holds for each destination (the
 * last hop before a home is its narrowest), with a queue in front of it as deep as 50 ms at that rate, at least 64 packets; what
 * finds it full is lost. Ends with its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { packet_bytes = 2048, ring = 32768, roads = 16 };

struct packet { uint64_t due; uint32_t bytes; uint8_t data[packet_bytes]; };

/* One for each destination: all on a road have the same delay, so they leave it in the order in which they came. */
struct road { uint8_t to[16]; uint64_t free_at; struct packet *packets; uint32_t head, tail; };

static struct road road[roads];
static int known;
static uint64_t delay_ns, bits_per_us, loss_per_million, state;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t draw(void) { /* xorshift64* */
  state ^= state >> 12; state ^= state << 25; state ^= state >> 27;
  return (state * 2685821657736338717u) >> 32;
}

/* IPv4 destinations are told apart by 24 bits, IPv6 by 48: one road for each home, whatever address of it. */
static struct road *road_to(const uint8_t *p) {
  uint8_t key[16] = {0};
  if (p[0] >> 4 == 4) memcpy(key, p + 16, 3);
  else memcpy(key + 4, p + 24, 6);
  for (int i = 0; i < known; i++) if (!memcmp(road[i].to, key, 16)) return road + i;
  if (known == roads) return NULL;
  memcpy(road[known].to, key, 16);
  road[known].packets = malloc(ring * sizeof(struct packet));
  return road[known].packets ? road + known++ : NULL;
}

static void take(const uint8_t *data, uint32_t bytes) {
  struct road *r = bytes < 20 ? NULL : road_to(data);
  if (!r || r->head - r->tail == ring) return;
  if (loss_per_million && draw() % 1000000 < loss_per_million) return;
  uint64_t t = now(), leaves = t;
  if (bits_per_us) {
    uint64_t on_the_wire = bytes * 8000u / bits_per_us, longest = 64 * 12000000u / bits_per_us;
    if (longest < 50000000u) longest = 50000000u;
    leaves = r->free_at > t ? r->free_at : t;
    if (leaves - t > longest) return;
    r->free_at = leaves += on_the_wire;
  }
  struct packet *slot = r->packets + r->head++ % ring;
  slot->due = leaves + delay_ns;
  slot->bytes = bytes;
  memcpy(slot->data, data, bytes);
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  delay_ns = strtoull(argv[2], NULL, 10) * 1000u;
  bits_per_us = strtoull(argv[3], NULL, 10);
  loss_per_million = strtoull(argv[4], NULL, 10);
  state = strtoull(argv[5], NULL, 10) | 1u;
  int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
  if (tun < 0 || ioctl(tun, TUNSETIFF, &request) < 0) { perror("weather: no TUN device"); return 1; }
  puts("up");
  fflush(stdout);
  static uint8_t data[packet_bytes];
  for (;;) {
    uint64_t t = now(), next = UINT64_MAX;
    for (int i = 0; i < known; i++) {
      struct road *r = road + i;
      for (; r->tail != r->head; r->tail++) {
        struct packet *p = r->packets + r->tail % ring;
        if (p->due > t) { if (p->due < next) next = p->due; break; }
        if (write(tun, p->data, p->bytes) < 0) { /* the kernel has no room: lost, as on any road */ }
      }
    }
    struct pollfd ends[2] = {{.fd = tun, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    t = now();
    uint64_t left = next == UINT64_MAX ? 1000000000u : next > t ? next - t : 0;
    struct timespec patience = {(time_t)(left / 1000000000u), (long)(left % 1000000000u)};
    if (ppoll(ends, 2, &patience, NULL) < 0) return 1;
    if (ends[1].revents) { char word; if (read(0, &word, 1) <= 0) return 0; }
    for (int n = 0; n < 64; n++) {
      ssize_t got = read(tun, data, sizeof data);
      if (got <= 0) break;
      take(data, (uint32_t)got);
    }
  }
}
