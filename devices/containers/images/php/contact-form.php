<?php
// Sends a mail as the mailers of WordPress do: SMTP by hand, STARTTLS by switching the stream to TLS.
// usage: php contact-form.php HOST PORT tls|starttls|auto|plain USER FROM TO < mail   (password: MAIL_PASSWORD)
[, $host, $port, $security, $user, $from, $to] = $argv;

// What "TLS" meant to a mailer: from PHP 5.6.7 to 7.1 the constant that all of them used was TLS 1.0 alone.
$method = getenv('FORM_TLS') === '1.0' ? STREAM_CRYPTO_METHOD_TLSv1_0_CLIENT : STREAM_CRYPTO_METHOD_TLS_CLIENT;
$ssl = ['verify_peer' => false, 'verify_peer_name' => false, 'peer_name' => $host, 'crypto_method' => $method];
if (getenv('FORM_TLS') === '1.0') {
    $ssl['ciphers'] = 'DEFAULT@SECLEVEL=0';
}
set_error_handler(fn ($level, $text) => fail($text));
$scheme = $security === 'tls' ? 'ssl' : 'tcp';
$connection = stream_socket_client(
    "$scheme://$host:$port",
    $number,
    $text,
    10,
    STREAM_CLIENT_CONNECT,
    stream_context_create(['ssl' => $ssl]),
);
stream_set_timeout($connection, 10);

hear();
$offers = ask('EHLO form');
if ($security === 'starttls' || ($security === 'auto' && stripos($offers, 'STARTTLS') !== false)) {
    ask('STARTTLS');
    if (stream_socket_enable_crypto($connection, true, $method) !== true) {
        fail('TLS failed');
    }
    ask('EHLO form');
}
if ($user !== '') {
    ask('AUTH PLAIN ' . base64_encode("\0$user\0" . getenv('MAIL_PASSWORD')));
}
ask("MAIL FROM:<$from>");
ask("RCPT TO:<$to>");
ask('DATA');
$lines = explode("\n", rtrim(stream_get_contents(STDIN), "\n"));
foreach ($lines as $line) {
    fwrite($connection, (str_starts_with($line, '.') ? '.' : '') . "$line\r\n");
}
ask('.');
fwrite($connection, "QUIT\r\n");
echo "Thank you! Your message was sent.\n";

function ask(string $command): string
{
    global $connection;
    fwrite($connection, "$command\r\n");
    return hear();
}

function hear(): string
{
    global $connection;
    $answer = '';
    do {
        $line = fgets($connection, 2000);
        if ($line === false) {
            fail('the server closed the connection');
        }
        $answer .= $line;
    } while (($line[3] ?? '') === '-');
    if ($answer[0] !== '2' && $answer[0] !== '3') {
        fail("the server said: $answer");
    }
    return $answer;
}

function fail(string $why): never
{
    fwrite(STDERR, 'SMTP Error: ' . trim($why) . "\n");
    exit(1);
}
