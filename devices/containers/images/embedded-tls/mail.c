/* mailput and mailget: the mail dialogue of a small device, the same over every TLS library (tls.h).
   mailput -h HOST -p PORT -e no|yes|wrap|try -u USER -f FROM -t TO -s SUBJECT -b BYTES
   mailget -h HOST -p PORT -e no|yes|wrap|try -u USER -P imap|pop3
   asks for the password, says nothing when all is well, ends with 0, 1 (in one line why) or 2 (wrong usage).
   -m 1.0|1.1|1.2 before these: the newest TLS version that it offers. */
#include "tls.h"
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

enum { LINE = 2048, QUOTED = 600, PATIENCE_SECONDS = 20 };

static const char *program, *host, *port, *encryption = "yes", *user = "", *from = "", *to = "", *subject = "";
static const char *protocol = "imap";
static long size = 200;
static enum tls_version newest = TLS_1_2;
static char password[256];

static int fd = -1, encrypted;
static char input[4096];
static int input_at, input_end;

static void give_up(const char *stage, const char *why)
{
    printf("%s: %s: %s\n", program, stage, why);
    exit(1);
}

static int next_byte(void)
{
    if (input_at == input_end) {
        input_end = encrypted ? tls_read(input, sizeof input) : (int)read(fd, input, sizeof input);
        input_at = 0;
        if (input_end <= 0) {
            input_end = 0;
            return -1;
        }
    }
    return (unsigned char)input[input_at++];
}

/* One line without its end; what is longer than a line may be is dropped. */
static const char *read_line(const char *stage)
{
    static char line[LINE];
    int length = 0, byte;

    while ((byte = next_byte()) >= 0 && byte != '\n')
        if (length < LINE - 1 && byte != '\r')
            line[length++] = (char)byte;
    if (byte < 0 && length == 0)
        give_up(stage, "the server hung up");
    line[length] = '\0';
    return line;
}

static void put(const char *bytes, int length)
{
    if (encrypted ? tls_write(bytes, length) != 0 : write(fd, bytes, (size_t)length) != length)
        give_up("connection", "cannot write");
}

static void say(const char *format, ...)
{
    char line[LINE];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line, sizeof line - 2, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= LINE - 2)
        give_up("connection", "a setting is too long");
    memcpy(line + length, "\r\n", 2);
    put(line, length + 2);
}

static void dial(void)
{
    struct addrinfo wanted = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
    struct timeval patience = { .tv_sec = PATIENCE_SECONDS };

    if (getaddrinfo(host, port, &wanted, &found) != 0)
        give_up("connection", "there is no such host");
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) != 0)
        give_up("connection", "cannot connect");
    freeaddrinfo(found);
}

static void encrypt(void)
{
    /* What came before the handshake is nobody's answer. */
    input_at = input_end = 0;
    if (tls_open(fd, host, newest) != 0)
        give_up("tls", tls_reason());
    encrypted = 1;
}

static int wraps(void) { return strcmp(encryption, "wrap") == 0; }
static int tries(void) { return strcmp(encryption, "try") == 0; }
static int insists(void) { return strcmp(encryption, "yes") == 0; }

/* The last line of an SMTP answer; `offers` is set when a line of it names `word`. */
static const char *smtp_answer(const char *stage, char code, const char *word, int *offers)
{
    const char *line;

    do {
        line = read_line(stage);
        if (strlen(line) < 3)
            give_up(stage, "no SMTP server");
        if (word != NULL && strlen(line) > 4 && strcasecmp(line + 4, word) == 0)
            *offers = 1;
    } while (line[3] == '-');
    if (line[0] != code)
        give_up(stage, line);
    return line;
}

static void ask(const char *stage, char code)
{
    smtp_answer(stage, code, NULL, NULL);
}

static void put_base64(const unsigned char *bytes, size_t length, char *text)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        unsigned long group = (unsigned long)bytes[i] << 16;
        if (i + 1 < length) group |= (unsigned long)bytes[i + 1] << 8;
        if (i + 2 < length) group |= bytes[i + 2];
        *text++ = alphabet[group >> 18 & 63];
        *text++ = alphabet[group >> 12 & 63];
        *text++ = i + 1 < length ? alphabet[group >> 6 & 63] : '=';
        *text++ = i + 2 < length ? alphabet[group & 63] : '=';
    }
    *text = '\0';
}

static void put_body(void)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog, and all is well here.\r\n";

    say("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\n", from, to, subject);
    for (long left = size; left > 0; left -= (long)sizeof text - 1)
        put(text, sizeof text - 1);
    say(".");
}

static void submit(void)
{
    unsigned char plain[640];
    char base64[900];
    int offers = 0, length;

    ask("greeting", '2');
    say("EHLO device");
    smtp_answer("greeting", '2', "STARTTLS", &offers);
    /* Told to encrypt, it asks for it without looking whether that was offered, as many small programs do. */
    if (insists() || (tries() && offers)) {
        say("STARTTLS");
        ask("starttls", '2');
        encrypt();
        say("EHLO device");
        ask("greeting", '2');
    }
    if (*user != '\0') {
        length = snprintf((char *)plain, sizeof plain, "%c%s%c%s", 0, user, 0, password);
        put_base64(plain, (size_t)length, base64);
        say("AUTH PLAIN %s", base64);
        ask("login", '2');
    }
    say("MAIL FROM:<%s>", from);
    ask("sender", '2');
    say("RCPT TO:<%s>", to);
    ask("recipient", '2');
    say("DATA");
    ask("mail", '3');
    put_body();
    ask("mail", '2');
    say("QUIT");
}

/* Until the tagged answer, which must be OK. Literals are passed over. */
static void imap_answer(const char *stage, const char *tag)
{
    size_t length = strlen(tag);

    for (;;) {
        const char *line = read_line(stage), *literal = strrchr(line, '{');
        if (strncmp(line, tag, length) == 0 && line[length] == ' ') {
            if (strncasecmp(line + length + 1, "OK", 2) != 0)
                give_up(stage, line + length + 1);
            return;
        }
        if (literal != NULL && line[strlen(line) - 1] == '}')
            for (long left = atol(literal + 1); left > 0; left--)
                if (next_byte() < 0)
                    give_up(stage, "the server hung up");
    }
}

/* RFC 3501 section 4.3. */
static const char *quoted(const char *text, char to[QUOTED])
{
    char *next = to;

    *next++ = '"';
    for (; *text != '\0' && next < to + QUOTED - 4; text++) {
        if (*text == '"' || *text == '\\')
            *next++ = '\\';
        *next++ = *text;
    }
    *next++ = '"';
    *next = '\0';
    return to;
}

static void fetch_imap(void)
{
    char name[QUOTED], secret[QUOTED];

    read_line("greeting");
    if (insists() || tries()) {
        say("a1 STARTTLS");
        imap_answer("starttls", "a1");
        encrypt();
    }
    say("a2 LOGIN %s %s", quoted(user, name), quoted(password, secret));
    imap_answer("login", "a2");
    say("a3 SELECT INBOX");
    imap_answer("mailbox", "a3");
    say("a4 FETCH 1 BODY[]");
    imap_answer("mail", "a4");
    say("a5 LOGOUT");
    imap_answer("end", "a5");
}

static void pop_answer(const char *stage)
{
    const char *line = read_line(stage);
    if (line[0] != '+')
        give_up(stage, line);
}

static void fetch_pop3(void)
{
    pop_answer("greeting");
    if (insists() || tries()) {
        say("STLS");
        pop_answer("starttls");
        encrypt();
    }
    say("USER %s", user);
    pop_answer("login");
    say("PASS %s", password);
    pop_answer("login");
    say("RETR 1");
    pop_answer("mail");
    while (strcmp(read_line("mail"), ".") != 0)
        ;
    say("QUIT");
    pop_answer("end");
}

static void ask_password(void)
{
    struct termios terminal, hidden;
    int shown = tcgetattr(0, &terminal) == 0;

    if (shown) {
        hidden = terminal;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(0, TCSAFLUSH, &hidden);
    }
    printf("password: ");
    fflush(stdout);
    if (fgets(password, sizeof password, stdin) == NULL)
        exit(2);
    password[strcspn(password, "\r\n")] = '\0';
    if (shown) {
        tcsetattr(0, TCSAFLUSH, &terminal);
        printf("\n");
    }
}

int main(int count, char *arguments[])
{
    int option;

    program = strrchr(arguments[0], '/') == NULL ? arguments[0] : strrchr(arguments[0], '/') + 1;
    while ((option = getopt(count, arguments, "h:p:e:u:f:t:s:b:P:m:")) != -1)
        switch (option) {
        case 'h': host = optarg; break;
        case 'p': port = optarg; break;
        case 'e': encryption = optarg; break;
        case 'u': user = optarg; break;
        case 'f': from = optarg; break;
        case 't': to = optarg; break;
        case 's': subject = optarg; break;
        case 'b': size = atol(optarg); break;
        case 'P': protocol = optarg; break;
        case 'm': newest = strcmp(optarg, "1.0") == 0 ? TLS_1_0 : strcmp(optarg, "1.1") == 0 ? TLS_1_1 : TLS_1_2; break;
        default: return 2;
        }
    if (host == NULL || port == NULL)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    ask_password();
    dial();
    if (wraps())
        encrypt();
    if (strcmp(program, "mailput") == 0)
        submit();
    else if (strcmp(protocol, "pop3") == 0)
        fetch_pop3();
    else
        fetch_imap();
    if (encrypted)
        tls_close();
    return 0;
}
