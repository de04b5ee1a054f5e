/* A firewall's "SMTP inspection": whatever the device opens is led here (see start-services) and passed on. Where the
   server greets as SMTP does, it overwrites STARTTLS, keeping the length as such boxes do: X's in the device's command,
   seven X's and a letter in the server's offer. TLS from the first byte goes through untouched. */
#include <arpa/inet.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_PORT = 2500 };

/* At the start of a line, and in an answer behind its code. */
static void overwrite(char *bytes, ssize_t length, ssize_t behind, const char *mask)
{
    for (ssize_t line = 0; line + behind + 8 <= length; line++)
        if ((line == 0 || bytes[line - 1] == '\n') && memcmp(bytes + line + behind, "STARTTLS", 8) == 0)
            memcpy(bytes + line + behind, mask, 8);
}

static void carry(int device, int server)
{
    struct pollfd sides[2] = { { .fd = device, .events = POLLIN }, { .fd = server, .events = POLLIN } };
    int inspects = 0, first = 1, open_sides = 2;
    char bytes[16384];

    while (open_sides > 0 && poll(sides, 2, -1) > 0)
        for (int from = 0; from < 2; from++) {
            ssize_t length;
            if (sides[from].fd < 0 || (sides[from].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
                continue;
            length = read(sides[from].fd, bytes, sizeof bytes);
            if (length <= 0) {
                shutdown(from == 0 ? server : device, SHUT_WR);
                sides[from].fd = -1;
                open_sides--;
                continue;
            }
            if (first)
                inspects = from == 1 && length > 4 && memcmp(bytes, "220 ", 4) == 0;
            first = 0;
            if (inspects)
                overwrite(bytes, length, from == 0 ? 0 : 4, from == 0 ? "XXXXXXXX" : "XXXXXXXA");
            for (ssize_t put, done = 0; done < length; done += put)
                if ((put = write(from == 0 ? server : device, bytes + done, (size_t)(length - done))) <= 0)
                    return;
        }
}

static void pass_on(int device)
{
    struct sockaddr_in asked;
    socklen_t length = sizeof asked;
    int server = socket(AF_INET, SOCK_STREAM, 0);

    if (getsockopt(device, IPPROTO_IP, SO_ORIGINAL_DST, &asked, &length) == 0 &&
        connect(server, (struct sockaddr *)&asked, sizeof asked) == 0)
        carry(device, server);
    exit(0);
}

int main(void)
{
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(LISTEN_PORT) };
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&here, sizeof here) != 0 || listen(listener, 16) != 0)
        return 1;
    if (daemon(0, 0) != 0)
        return 1;
    for (;;) {
        int device = accept(listener, NULL, NULL);
        if (device < 0)
            continue;
        if (fork() == 0)
            pass_on(device);
        close(device);
    }
}
