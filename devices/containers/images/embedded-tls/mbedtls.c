/* mbedTLS 2.28, the last branch that still has TLS 1.0 and 1.1. */
#include "tls.h"
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context random_source;
static mbedtls_ssl_config config;
static mbedtls_ssl_context ssl;
static mbedtls_net_context net;
static char reason[160];

static int failed(int code)
{
    mbedtls_strerror(code, reason, sizeof reason);
    return -1;
}

int tls_open(int fd, const char *host, enum tls_version max)
{
    int code;

    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random_source);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);
    net.fd = fd;
    if ((code = mbedtls_ctr_drbg_seed(&random_source, mbedtls_entropy_func, &entropy, NULL, 0)) != 0)
        return failed(code);
    if ((code = mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                            MBEDTLS_SSL_PRESET_DEFAULT)) != 0)
        return failed(code);
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random_source);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_1);
    mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_1 + (int)max);
    if ((code = mbedtls_ssl_setup(&ssl, &config)) != 0 || (code = mbedtls_ssl_set_hostname(&ssl, host)) != 0)
        return failed(code);
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    if ((code = mbedtls_ssl_handshake(&ssl)) != 0)
        return failed(code);
    return 0;
}

int tls_read(void *to, int size)
{
    int got = mbedtls_ssl_read(&ssl, to, (size_t)size);
    return got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ? 0 : got < 0 ? failed(got) : got;
}

int tls_write(const void *from, int size)
{
    const unsigned char *next = from;

    while (size > 0) {
        int put = mbedtls_ssl_write(&ssl, next, (size_t)size);
        if (put < 0)
            return failed(put);
        next += put;
        size -= put;
    }
    return 0;
}

void tls_close(void)
{
    mbedtls_ssl_close_notify(&ssl);
}

const char *tls_reason(void)
{
    return reason;
}
