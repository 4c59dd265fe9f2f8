/* netprobe PORT: tries to bind PORT on loopback and to open both kinds of ICMP sockets, and says what came of it. */
#include "bare.h"

enum { AF_INET = 2, SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, IPPROTO_ICMP = 1, EPERM = 1, EACCES = 13,
       EADDRINUSE = 98 };

struct address {
	unsigned short family, port;
	unsigned host;
	char zero[8];
};

static void outcome(char *line, long result)
{
	append(line, " -> ");
	if (result >= 0)
		append(line, "ok");
	else if (result == -EPERM)
		append(line, "Operation not permitted");
	else if (result == -EACCES)
		append(line, "Permission denied");
	else if (result == -EADDRINUSE)
		append(line, "Address already in use");
	else {
		append(line, "errno ");
		append_number(line, (unsigned)-result);
	}
	append(line, "\n");
	print_bytes(line, length(line));
}

int program(int count, char **arguments)
{
	char line[256] = "uid ", start[64];
	unsigned port = 0;
	if (count != 2)
		return 2;
	for (const char *digit = arguments[1]; *digit >= '0' && *digit <= '9'; digit++)
		port = port * 10 + (unsigned)(*digit - '0');
	struct address address = { AF_INET, 0, 0x0100007f, { 0 } };
	address.port = (unsigned short)((port & 255) << 8 | (port >> 8 & 255));

	append_number(line, (unsigned)syscall3(SYS_getuid, 0, 0, 0));
	read_file("/proc/sys/net/ipv4/ip_unprivileged_port_start", start, sizeof start);
	if (length(start))
		start[length(start) - 1] = 0;
	append(line, " ip_unprivileged_port_start ");
	append(line, start);
	append(line, " bind 127.0.0.1:");
	append_number(line, port);
	long socket = syscall3(SYS_socket, AF_INET, SOCK_STREAM, 0);
	outcome(line, syscall3(SYS_bind, socket, (long)&address, sizeof address));

	char datagram[96] = "icmp datagram socket", raw[96] = "icmp raw socket";
	outcome(datagram, syscall3(SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
	outcome(raw, syscall3(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP));
	return 0;
}
