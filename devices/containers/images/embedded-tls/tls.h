/* What a TLS library does for a mail program. One connection at a time; each adapter is one file. */
#ifndef TLS_H
#define TLS_H

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2 };

/* Handshake on a connected socket, offering at most `max`. Certificates are not checked, as in devices that never
   got a root. 0, or -1 with the library's reason in tls_reason(). */
int tls_open(int fd, const char *host, enum tls_version max);
/* Bytes read, 0 at the end, -1 on an error. */
int tls_read(void *to, int size);
/* Writes all of it: 0, or -1. */
int tls_write(const void *from, int size);
void tls_close(void);
const char *tls_reason(void);

#endif
