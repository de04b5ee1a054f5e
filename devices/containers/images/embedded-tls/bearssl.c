/* BearSSL 0.6, made for machines with a few tens of kilobytes of memory. */
#include "tls.h"
#include <bearssl.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static br_ssl_client_context client;
static br_x509_minimal_context unused;
static br_sslio_context io;
static unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
static int socket_fd;
static char reason[80];

/* BearSSL always wants a validator. This one takes the first certificate's key and asks nothing. */
struct takes_any {
    const br_x509_class *vtable;
    br_x509_decoder_context decoder;
    int index;
};

static void start_chain(const br_x509_class **self, const char *name)
{
    (void)name;
    ((struct takes_any *)(void *)self)->index = 0;
}

static void start_cert(const br_x509_class **self, uint32_t length)
{
    struct takes_any *any = (struct takes_any *)(void *)self;
    (void)length;
    if (any->index == 0)
        br_x509_decoder_init(&any->decoder, NULL, NULL);
}

static void append(const br_x509_class **self, const unsigned char *bytes, size_t length)
{
    struct takes_any *any = (struct takes_any *)(void *)self;
    if (any->index == 0)
        br_x509_decoder_push(&any->decoder, bytes, length);
}

static void end_cert(const br_x509_class **self)
{
    ((struct takes_any *)(void *)self)->index++;
}

static unsigned end_chain(const br_x509_class **self)
{
    (void)self;
    return 0;
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *self, unsigned *usages)
{
    if (usages != NULL)
        *usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
    return br_x509_decoder_get_pkey(&((struct takes_any *)(void *)self)->decoder);
}

static const br_x509_class takes_any_class = {
    sizeof(struct takes_any), start_chain, start_cert, append, end_cert, end_chain, get_pkey,
};
static struct takes_any validator = { .vtable = &takes_any_class };

static int receive(void *context, unsigned char *to, size_t size)
{
    ssize_t got;
    (void)context;
    do
        got = read(socket_fd, to, size);
    while (got < 0 && errno == EINTR);
    return got <= 0 ? -1 : (int)got;
}

static int transmit(void *context, const unsigned char *from, size_t size)
{
    ssize_t put;
    (void)context;
    do
        put = write(socket_fd, from, size);
    while (put < 0 && errno == EINTR);
    return put <= 0 ? -1 : (int)put;
}

int tls_open(int fd, const char *host, enum tls_version max)
{
    static const unsigned versions[] = { BR_TLS10, BR_TLS11, BR_TLS12 };

    socket_fd = fd;
    br_ssl_client_init_full(&client, &unused, NULL, 0);
    br_ssl_engine_set_versions(&client.eng, BR_TLS10, versions[max]);
    br_ssl_engine_set_x509(&client.eng, &validator.vtable);
    br_ssl_engine_set_buffer(&client.eng, buffer, sizeof buffer, 1);
    br_ssl_client_reset(&client, host, 0);
    br_sslio_init(&io, &client.eng, receive, NULL, transmit, NULL);
    /* BearSSL shakes hands when it is first written to. */
    return br_sslio_flush(&io) < 0 ? -1 : 0;
}

int tls_read(void *to, int size)
{
    int got = br_sslio_read(&io, to, (size_t)size);
    return got < 0 && br_ssl_engine_last_error(&client.eng) == BR_ERR_OK ? 0 : got;
}

int tls_write(const void *from, int size)
{
    return br_sslio_write_all(&io, from, (size_t)size) < 0 || br_sslio_flush(&io) < 0 ? -1 : 0;
}

void tls_close(void)
{
    br_sslio_close(&io);
}

const char *tls_reason(void)
{
    snprintf(reason, sizeof reason, "BearSSL error %d", br_ssl_engine_last_error(&client.eng));
    return reason;
}
