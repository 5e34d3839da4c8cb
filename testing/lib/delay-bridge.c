/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins two network interfaces and delays every frame, for kernels without
 * netem. usage: delay-bridge DELAY_MS INTERFACE_A INTERFACE_B */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

/* the largest frame with segmentation offload, and its virtio header */
#define FRAME_MAX (65536 + 64)
#define QUEUE_MAX 4096
#define NS_PER_MS 1000000

struct frame {
	struct frame *next;
	int64_t due_mono_ns;
	size_t len;
	unsigned char data[];
};

/* one direction: what comes in at `from` leaves at `to` */
struct lane {
	int from;
	int to;
	size_t n_queued;
	struct frame *first;
	struct frame **last;
};

static int64_t now_mono_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* A socket for all frames of an interface. With the virtio header, frames keep
 * their offload state: nothing has to be switched off on the interface. */
static int open_interface(const char *name)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	struct packet_mreq promiscuous = { .mr_type = PACKET_MR_PROMISC };
	const int on = 1;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
	{
		return -1;
	}
	address.sll_ifindex = (int)if_nametoindex(name);
	promiscuous.mr_ifindex = address.sll_ifindex;
	if (address.sll_ifindex == 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) != 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) !=
			0 ||
		setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous,
				   sizeof(promiscuous)) != 0 ||
		bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
	{
		close(fd);
		return -1;
	}
	return fd;
}

/* Take all frames that wait at the socket; a full queue drops, as a link. */
static void lane_receive(struct lane *lane, int64_t delay_ns,
						 unsigned char *buffer)
{
	struct frame *frame;
	ssize_t len;

	while ((len = recv(lane->from, buffer, FRAME_MAX, 0)) > 0)
	{
		if (lane->n_queued == QUEUE_MAX)
		{
			continue;
		}
		frame = malloc(sizeof(*frame) + (size_t)len);
		if (!frame)
		{
			continue;
		}
		frame->next = NULL;
		frame->due_mono_ns = now_mono_ns() + delay_ns;
		frame->len = (size_t)len;
		memcpy(frame->data, buffer, (size_t)len);
		*lane->last = frame;
		lane->last = &frame->next;
		lane->n_queued++;
	}
}

/* Send what is due; the time at which the next is, or `latest`. */
static int64_t lane_send(struct lane *lane, int64_t latest)
{
	struct frame *frame;

	while ((frame = lane->first) && frame->due_mono_ns <= now_mono_ns())
	{
		if (send(lane->to, frame->data, frame->len, 0) < 0 && errno != ENOBUFS)
		{
			perror("delay-bridge: send");
		}
		lane->first = frame->next;
		if (!lane->first)
		{
			lane->last = &lane->first;
		}
		lane->n_queued--;
		free(frame);
	}
	if (frame && frame->due_mono_ns < latest)
	{
		return frame->due_mono_ns;
	}
	return latest;
}

static void bridge(struct lane lanes[2], int64_t delay_ns,
				   unsigned char *buffer)
{
	struct pollfd fds[2];
	struct timespec wait;
	int64_t due, left;
	int i;

	while (1)
	{
		due = INT64_MAX;
		for (i = 0; i < 2; i++)
		{
			due = lane_send(&lanes[i], due);
			fds[i] = (struct pollfd){ .fd = lanes[i].from, .events = POLLIN };
		}
		left = due - now_mono_ns();
		left = left < 0 ? 0 : left;
		wait.tv_sec = left / (1000 * NS_PER_MS);
		wait.tv_nsec = left % (1000 * NS_PER_MS);
		ppoll(fds, 2, due == INT64_MAX ? NULL : &wait, NULL);
		for (i = 0; i < 2; i++)
		{
			lane_receive(&lanes[i], delay_ns, buffer);
		}
	}
}

int main(int argc, char *argv[])
{
	struct lane lanes[2] = { 0 };
	unsigned char *buffer;
	char *end;
	long delay_ms;
	int i;

	if (argc != 4)
	{
		fprintf(stderr, "usage: delay-bridge DELAY_MS INTERFACE INTERFACE\n");
		return 2;
	}
	errno = 0;
	delay_ms = strtol(argv[1], &end, 10);
	if (errno || *end || end == argv[1] || delay_ms < 0 || delay_ms > 10000)
	{
		fprintf(stderr, "delay-bridge: the delay is 0 to 10000 ms\n");
		return 2;
	}
	for (i = 0; i < 2; i++)
	{
		lanes[i].from = open_interface(argv[2 + i]);
		if (lanes[i].from < 0)
		{
			fprintf(stderr, "delay-bridge: %s: %s\n", argv[2 + i],
					strerror(errno));
			return 1;
		}
		lanes[i].last = &lanes[i].first;
	}
	lanes[0].to = lanes[1].from;
	lanes[1].to = lanes[0].from;
	buffer = malloc(FRAME_MAX);
	if (!buffer)
	{
		fprintf(stderr, "delay-bridge: out of memory\n");
		return 1;
	}
	bridge(lanes, (int64_t)delay_ms * NS_PER_MS, buffer);
	return 0;
}
