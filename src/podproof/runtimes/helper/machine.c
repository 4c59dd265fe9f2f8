/* The attack helper: a program of system calls comes in as a file, each result goes out as a line.
 *
 * It decides nothing and knows no attack. argv[1] names the program, argv[2] (decimal, else 0) the record to
 * start at. No C library: it runs in any image, and in none. The layout is written by podproof.attacks.model.program:
 *
 *   header  8 x u64: magic "podproof", version 1, number of records, size of the data block, 4 x reserved
 *   record  8 x u64: word 0 = operation | kinds of the arguments << 8 (2 bits each, argument 0 lowest)
 *                    word 1 = system call number, or what the operation says; words 2-7 = arguments 0-5
 *   data    bytes, writable: texts and structures that arguments point into
 *
 * A kind says what an argument is: 0 the value itself, 1 an offset into the data, 2 the result of a record.
 * Exit codes: 120 no program, 121 not a program.
 */

typedef unsigned long u64;
typedef long i64;

#define RECORDS 4096
#define ROOM (512 * 1024)

enum { CALL = 0, FORK = 1, EXIT = 2, JUMP = 3, PRINT = 4, LOAD = 5, STORE = 6 };
enum { ALWAYS = 0, ZERO = 1, NEGATIVE = 2, POSITIVE = 3 };

struct header { u64 magic, version, records, size, reserved[4]; };
struct record { u64 operation, number, arguments[6]; };

static unsigned char room[ROOM] __attribute__((aligned(16)));
static i64 results[RECORDS];

#if defined(__x86_64__)
enum { SYS_read = 0, SYS_write = 1, SYS_exit = 231, SYS_openat = 257 };
static i64 call(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    i64 result;
    register u64 r10 __asm__("r10") = d;
    register u64 r8 __asm__("r8") = e;
    register u64 r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall start\n");
static i64 fork_(void) { return call(57, 0, 0, 0, 0, 0, 0); }
#elif defined(__aarch64__)
enum { SYS_read = 63, SYS_write = 64, SYS_exit = 94, SYS_openat = 56 };
static i64 call(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
    register u64 x8 __asm__("x8") = number;
    register u64 x0 __asm__("x0") = a;
    register u64 x1 __asm__("x1") = b;
    register u64 x2 __asm__("x2") = c;
    register u64 x3 __asm__("x3") = d;
    register u64 x4 __asm__("x4") = e;
    register u64 x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return (i64)x0;
}
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl start\n");
static i64 fork_(void) { return call(220, 17 /* SIGCHLD */, 0, 0, 0, 0, 0); }
#else
#error "no such machine"
#endif

__attribute__((noreturn)) static void leave(int code)
{
    for (;;)
        call(SYS_exit, (u64)code, 0, 0, 0, 0, 0);
}

static char *decimal(char *end, i64 value)
{
    u64 rest = value < 0 ? -(u64)value : (u64)value;
    do
        *--end = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0)
        *--end = '-';
    return end;
}

/* One write for one line: lines of several processes do not mix. */
static void print(u64 tag, i64 value)
{
    char line[64], *end = line + sizeof line, *at;
    *--end = '\n';
    at = decimal(end, value);
    *--at = ' ';
    at = decimal(at, (i64)tag);
    call(SYS_write, 1, (u64)at, (u64)(end + 1 - at), 0, 0, 0);
}

static i64 load(const unsigned char *from, u64 size)
{
    u64 value = 0;
    for (u64 i = 0; i < size && i < 8; i++)
        value |= (u64)from[i] << (8 * i);
    return (i64)value;
}

static void store(unsigned char *to, u64 size, u64 value)
{
    for (u64 i = 0; i < size && i < 8; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static void run(const struct record *records, u64 count, unsigned char *data, u64 at)
{
    while (at < count) {
        const struct record *r = &records[at];
        u64 a[6];
        for (int i = 0; i < 6; i++) {
            u64 kind = r->operation >> (8 + 2 * i) & 3;
            a[i] = kind == 0 ? r->arguments[i]
                 : kind == 1 ? (u64)(data + r->arguments[i])
                 : (u64)results[r->arguments[i] % RECORDS];
        }
        u64 next = at + 1;
        switch (r->operation & 255) {
        case CALL: results[at] = call(r->number, a[0], a[1], a[2], a[3], a[4], a[5]); break;
        case FORK: /* the child goes on here, the parent at record `number` */
            results[at] = fork_();
            if (results[at])
                next = r->number;
            break;
        case EXIT: leave((int)a[0]); break;
        case JUMP: /* to record `number` where argument 0 is as argument 1 says */
            if (a[1] == ALWAYS || (a[1] == ZERO && !a[0]) || (a[1] == NEGATIVE && (i64)a[0] < 0)
                || (a[1] == POSITIVE && (i64)a[0] > 0))
                next = r->number;
            break;
        case PRINT: print(r->number, (i64)a[0]); break;
        case LOAD: results[at] = load((const unsigned char *)a[0], a[1]); break;
        case STORE: store((unsigned char *)a[0], a[1], a[2]); break;
        default: leave(121);
        }
        at = next;
    }
}

__attribute__((used, noreturn)) void start(const u64 *stack)
{
    u64 argc = stack[0], at = 0, size = 0;
    if (argc < 2)
        leave(120);
    i64 file = call(SYS_openat, (u64)-100, stack[2], 0, 0, 0, 0);
    if (file < 0)
        leave(120);
    while (size < ROOM) {
        i64 got = call(SYS_read, (u64)file, (u64)(room + size), ROOM - size, 0, 0, 0);
        if (got <= 0)
            break;
        size += (u64)got;
    }
#if defined(__x86_64__)
    call(3, (u64)file, 0, 0, 0, 0, 0);
#else
    call(57, (u64)file, 0, 0, 0, 0, 0);
#endif
    const struct header *h = (const struct header *)room;
    if (size < sizeof *h || h->magic != 0x666f6f7270646f70UL || h->version != 1 || h->records > RECORDS
        || h->size > ROOM || sizeof *h + h->records * sizeof(struct record) + h->size > size)
        leave(121);
    if (argc > 2)
        for (const char *c = (const char *)stack[3]; *c >= '0' && *c <= '9'; c++)
            at = at * 10 + (u64)(*c - '0');
    const struct record *records = (const struct record *)(room + sizeof *h);
    run(records, h->records, room + sizeof *h + h->records * sizeof(struct record), at);
    leave(0);
}
