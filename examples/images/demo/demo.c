/* demo [PORT]: answers every HTTP request with one greeting, on port 8888 unless told otherwise; where another
   container of its pod has that already, on the next that is free, up to 8903. It runs as
   any user, needs no file, no capability (above port 1023) and no C library, and ends on SIGTERM.
   Linux x86-64; tools/generate_programs.py compiles it. */
typedef unsigned long size_t;

enum { SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_rt_sigaction = 13,
       SYS_socket = 41, SYS_accept = 43, SYS_bind = 49, SYS_listen = 50, SYS_setsockopt = 54, SYS_exit = 60 };
enum { AF_INET = 2, SOCK_STREAM = 1, SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_RCVTIMEO = 20, SO_SNDTIMEO = 21,
       SIGINT = 2, SIGPIPE = 13, SIGTERM = 15, SA_RESTORER = 0x04000000, EPERM = 1, EACCES = 13, EADDRINUSE = 98 };

struct address {
	unsigned short family, port;
	unsigned host;
	char zero[8];
};

struct action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

/* The tool that compiles this file says here what it compiled. */
__attribute__((used, section(".note.program"))) static const char program_note[] = PROGRAM_NOTE;

#define GREETING "Hello, \344\270\226\347\225\214, from a container that needs no privileges.\n"

static const char answer[] = "HTTP/1.1 200 OK\r\n"
			     "Content-Type: text/plain; charset=utf-8\r\n"
			     "Content-Length: 58\r\n"
			     "Connection: close\r\n\r\n" GREETING;

_Static_assert(sizeof GREETING - 1 == 58, "Content-Length");

static long call(long number, long a, long b, long c, long d, long e)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	return result;
}

static void say(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	call(SYS_write, 2, (long)text, (long)n, 0, 0);
}

static void end(int code) { call(SYS_exit, code, 0, 0, 0, 0); }

static void on_signal(int number)
{
	(void)number;
	end(0);
}

void restore(void);
__asm__(".globl restore\nrestore:\n\tmov $15,%eax\n\tsyscall\n");

static void fail(const char *what, long error)
{
	say("demo: cannot ");
	say(what);
	say(error == -EACCES ? ": permission denied\n" : error == -EPERM ? ": operation not permitted\n"
	    : error == -EADDRINUSE ? ": address already in use\n" : "\n");
	end(1);
}

/* Whether the empty line that ends a request's head has come; `seen` is what was matched of it before. */
static int headless(const char *bytes, long n, int *seen)
{
	static const char ending[] = "\r\n\r\n";
	for (long i = 0; i < n && *seen < 4; i++)
		*seen = bytes[i] == ending[*seen] ? *seen + 1 : bytes[i] == '\r';
	return *seen == 4;
}

static void serve(long client)
{
	static char head[4096];
	long two_seconds[2] = { 2, 0 }, n;
	int seen = 0;
	size_t total = 0;
	call(SYS_setsockopt, client, SOL_SOCKET, SO_RCVTIMEO, (long)two_seconds, sizeof two_seconds);
	call(SYS_setsockopt, client, SOL_SOCKET, SO_SNDTIMEO, (long)two_seconds, sizeof two_seconds);
	while ((n = call(SYS_read, client, (long)head, sizeof head, 0, 0)) > 0) {
		total += (size_t)n;
		if (headless(head, n, &seen) || total > 65536)
			break;
	}
	if (seen == 4)
		call(SYS_write, client, (long)answer, sizeof answer - 1, 0, 0);
	call(SYS_close, client, 0, 0, 0, 0);
}

__attribute__((used)) static void begin(long *stack)
{
	char **arguments = (char **)(stack + 1);
	unsigned port = 8888, last = 8903;
	int yes = 1;
	if (stack[0] > 1) {
		port = 0;
		last = 0;
		for (const char *digit = arguments[1]; *digit >= '0' && *digit <= '9' && port < 65536; digit++)
			port = port * 10 + (unsigned)(*digit - '0');
	}
	if (port == 0 || port > 65535) {
		say("demo: the port must be a number from 1 to 65535\n");
		end(2);
	}
	/* the first process of a container gets no default handling of signals */
	struct action stop = { on_signal, SA_RESTORER, restore, 0 }, ignore = { (void (*)(int))1, SA_RESTORER, restore, 0 };
	call(SYS_rt_sigaction, SIGTERM, (long)&stop, 0, 8, 0);
	call(SYS_rt_sigaction, SIGINT, (long)&stop, 0, 8, 0);
	call(SYS_rt_sigaction, SIGPIPE, (long)&ignore, 0, 8, 0);

	long server = call(SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0);
	if (server < 0)
		fail("make a socket", server);
	call(SYS_setsockopt, server, SOL_SOCKET, SO_REUSEADDR, (long)&yes, sizeof yes);
	long result;
	do {
		struct address address = { AF_INET, (unsigned short)((port & 255) << 8 | port >> 8), 0, { 0 } };
		result = call(SYS_bind, server, (long)&address, sizeof address, 0, 0);
		if (result == 0)
			result = call(SYS_listen, server, 64, 0, 0, 0);
	} while (result == -EADDRINUSE && port++ < last);
	if (result < 0)
		fail("listen on the port", result);
	say("demo: listening\n");
	for (;;) {
		long client = call(SYS_accept, server, 0, 0, 0, 0);
		if (client >= 0)
			serve(client);
	}
}

__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall begin\n");
