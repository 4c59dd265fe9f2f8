/* What a static program without a C library needs on Linux x86-64: system calls, memory, text. */
typedef unsigned long size_t;

static long syscall3(long number, long a, long b, long c)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

enum { SYS_read = 0, SYS_write = 1, SYS_open = 2, SYS_close = 3, SYS_socket = 41, SYS_bind = 49, SYS_exit = 60,
       SYS_getuid = 102, SYS_getresuid = 118 };

/* The tool that compiles these files says here what it compiled. */
__attribute__((used, section(".note.program"))) static const char program_note[] = PROGRAM_NOTE;

static size_t length(const char *text)
{
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

static void print_bytes(const char *text, size_t n)
{
	while (n) {
		long written = syscall3(SYS_write, 1, (long)text, (long)n);
		if (written <= 0)
			syscall3(SYS_exit, 1, 0, 0);
		text += written;
		n -= (size_t)written;
	}
}

static void append(char *line, const char *text)
{
	line += length(line);
	while ((*line++ = *text++))
		;
}

static void append_number(char *line, unsigned number)
{
	char digits[12];
	int at = 11;
	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	append(line, digits + at);
}

/* Reads a small file, and ends it with a zero; an unreadable one is empty. */
static void read_file(const char *path, char *buffer, size_t size)
{
	long file = syscall3(SYS_open, (long)path, 0, 0), n;
	size_t at = 0;
	while (file >= 0 && at < size - 1 && (n = syscall3(SYS_read, file, (long)(buffer + at), (long)(size - 1 - at))) > 0)
		at += (size_t)n;
	buffer[at] = 0;
	syscall3(SYS_close, file, 0, 0);
}

int program(int count, char **arguments);

__attribute__((used)) static void begin(long *stack)
{
	syscall3(SYS_exit, program((int)stack[0], (char **)(stack + 1)), 0, 0);
}

__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall begin\n");
