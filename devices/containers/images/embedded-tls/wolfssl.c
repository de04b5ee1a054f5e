/* wolfSSL 5.5. As packaged it has no TLS 1.0, so a device limited to that is built with 1.1. */
#include "tls.h"
#include <stdio.h>
#include <string.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static WOLFSSL *ssl;
static char reason[160] = "this build of wolfSSL does not have that version";

static int failed(int code)
{
    snprintf(reason, sizeof reason, "wolfSSL error %d: %s", code, wolfSSL_ERR_reason_error_string((unsigned long)code));
    return -1;
}

int tls_open(int fd, const char *host, enum tls_version max)
{
    WOLFSSL_CTX *context;
    WOLFSSL_METHOD *method = max == TLS_1_2 ? wolfTLSv1_2_client_method() : NULL;

#ifndef NO_OLD_TLS
    if (max == TLS_1_1)
        method = wolfTLSv1_1_client_method();
#endif
    if (method == NULL)
        return -1;
    wolfSSL_Init();
    context = wolfSSL_CTX_new(method);
    if (context == NULL)
        return -1;
    wolfSSL_CTX_set_verify(context, WOLFSSL_VERIFY_NONE, NULL);
    ssl = wolfSSL_new(context);
    if (ssl == NULL)
        return -1;
    wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, host, (unsigned short)strlen(host));
    wolfSSL_set_fd(ssl, fd);
    return wolfSSL_connect(ssl) == WOLFSSL_SUCCESS ? 0 : failed(wolfSSL_get_error(ssl, 0));
}

int tls_read(void *to, int size)
{
    int got = wolfSSL_read(ssl, to, size);
    if (got > 0)
        return got;
    got = wolfSSL_get_error(ssl, got);
    return got == WOLFSSL_ERROR_ZERO_RETURN ? 0 : failed(got);
}

int tls_write(const void *from, int size)
{
    return wolfSSL_write(ssl, from, size) == size ? 0 : failed(wolfSSL_get_error(ssl, 0));
}

void tls_close(void)
{
    wolfSSL_shutdown(ssl);
}

const char *tls_reason(void)
{
    return reason;
}
