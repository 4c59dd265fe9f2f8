/* Says who it is: real, effective and saved uid, then what the kernel says of its capabilities. Installed as
   setuid root (/bin/suid), plainly (/bin/nosuid) and with a file capability (/bin/fcap). */
#include "bare.h"

static const char *const shown[] = { "Uid:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:" };
static char status[16384];

static int starts(const char *text, const char *with)
{
	while (*with)
		if (*text++ != *with++)
			return 0;
	return 1;
}

int program(int count, char **arguments)
{
	unsigned ruid = 0, euid = 0, suid = 0;
	char line[96] = "suid-helper ruid=";
	(void)count, (void)arguments;
	syscall3(SYS_getresuid, (long)&ruid, (long)&euid, (long)&suid);
	append_number(line, ruid);
	append(line, " euid=");
	append_number(line, euid);
	append(line, " suid=");
	append_number(line, suid);
	append(line, "\n");
	print_bytes(line, length(line));
	read_file("/proc/self/status", status, sizeof status);
	for (char *at = status; *at;) {
		char *end = at;
		while (*end && *end++ != '\n')
			;
		for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
			if (starts(at, shown[i]))
				print_bytes(at, (size_t)(end - at));
		at = end;
	}
	return 0;
}
