import type { Mode } from '../../../vocabulary/mode.ts';
import { DOMAIN } from '../../mail-store.ts';
import { levelFor } from '../certificate-level.ts';
import { FFDHE2048_PEM } from '../dh-parameters.ts';
import { type OpensslPolicy, planOpenssl, renderOpensslConf } from '../openssl-policy.ts';
import {
  CONFIG_FOLDER,
  FETCH_PORTS,
  type Peculiarity,
  renderKeyFile,
  type Rendering,
  type RenderOptions,
  SASL_ADDRESS,
  SASL_PORT,
  SHARED,
  SHARED_FOLDER,
} from '../rendering.ts';

/**
 * Dovecot 2.3 as a mode has it, on 143, 993, 110 and 995; it also answers Postfix who may log in. Accounts and mail are
 * files in the shared folder; indexes stay in memory, because several modes serve the same mail. Pure. What it cannot
 * express is not looked at here: see `refusalsOf`.
 */
export function renderDovecot(options: RenderOptions): Rendering {
  const { mode, certificate } = options;
  const policy = planOpenssl(mode);
  return {
    files: [
      { target: `${CONFIG_FOLDER}/dovecot.conf`, content: renderMain(options, policy) },
      { target: `${CONFIG_FOLDER}/openssl.cnf`, content: renderOpensslConf(opensslCommands(policy)) },
      { target: `${CONFIG_FOLDER}/dh.pem`, content: FFDHE2048_PEM },
      { target: `${CONFIG_FOLDER}/chain.pem`, content: certificate.chainPem },
      renderKeyFile(`${CONFIG_FOLDER}/key.pem`, certificate.keyPem),
    ],
    peculiarities: peculiaritiesOf(mode),
  };
}

function renderMain(options: RenderOptions, policy: OpensslPolicy): string {
  const { uid, gid } = options.mailOwner;
  return [
    'protocols = imap pop3',
    'listen = *',
    'login_greeting = Ready',
    // Its processes get no other variable of the environment.
    `import_environment = TZ OPENSSL_CONF=${CONFIG_FOLDER}/openssl.cnf`,
    ...tlsLines(options, policy),
    ...loginLines(options.mode),
    `mail_uid = ${uid}`,
    `mail_gid = ${gid}`,
    'first_valid_uid = 1',
    'first_valid_gid = 1',
    `mail_location = maildir:${SHARED_FOLDER}/${SHARED.mail}/%n/Maildir:INDEX=MEMORY`,
    // Throw-away mail: nothing is waited for.
    'mail_fsync = never',
    ...LOGGING,
    ...SERVICES,
    '',
  ].join('\n');
}

function tlsLines({ mode, certificate }: RenderOptions, policy: OpensslPolicy): string[] {
  const level = levelFor(certificate, policy.securityLevel);
  return [
    // "required" refuses every login in the clear, CRAM-MD5 as well.
    `ssl = ${mode.plaintext === 'refused' ? 'required' : 'yes'}`,
    `disable_plaintext_auth = ${mode.plaintext === 'refused' ? 'yes' : 'no'}`,
    `ssl_cert = <${CONFIG_FOLDER}/chain.pem`,
    `ssl_key = <${CONFIG_FOLDER}/key.pem`,
    `ssl_dh = <${CONFIG_FOLDER}/dh.pem`,
    `ssl_min_protocol = ${policy.range === null ? 'TLSv1.3' : PROTOCOLS[policy.range.min]}`,
    `ssl_cipher_list = ${[...(policy.suites.length === 0 ? [UNUSED_SUITE] : policy.suites), `@SECLEVEL=${level}`].join(':')}`,
    ...(policy.suites13.length === 0 ? [] : [`ssl_cipher_suites = ${policy.suites13.join(':')}`]),
    `ssl_curve_list = ${policy.groups.join(':')}`,
    'ssl_prefer_server_ciphers = yes',
    // Every trial must show a full handshake.
    'ssl_options = no_ticket',
  ];
}

const PROTOCOLS = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;
/** With TLS 1.3 alone: an empty list would be the default one. */
const UNUSED_SUITE = 'AES128-SHA';

/** What Dovecot 2.3 has no setting for. */
function opensslCommands(policy: OpensslPolicy): Readonly<Record<string, string>> {
  return {
    ...(policy.range === null ? {} : { MaxProtocol: PROTOCOLS[policy.range.max] }),
    ...(policy.usualSignatures ? {} : { SignatureAlgorithms: policy.signatures.join(':') }),
    // `no_ticket` alone leaves TLS 1.3 the tickets that name a session in the server's memory.
    NumTickets: '0',
  };
}

function loginLines(mode: Mode): string[] {
  const mechanisms = mode.auth.filter((mechanism) => mechanism !== 'NONE').map((mechanism) => mechanism.toLowerCase());
  return [
    // It does not start without any: then no account is found.
    `auth_mechanisms = ${mechanisms.length === 0 ? 'plain' : mechanisms.join(' ')}`,
    // Letters are what the client sent: the default lowers them.
    'auth_username_format = %u',
    // A guess is not made to wait for seconds: a trial would.
    'auth_failure_delay = 0',
    'passdb {',
    '  driver = passwd-file',
    `  args = username_format=%n ${SHARED_FOLDER}/${SHARED.accounts}/${mechanisms.length === 0 ? NOBODY : accountFile(mode)}`,
    '}',
    'userdb {',
    '  driver = static',
    `  args = home=${SHARED_FOLDER}/${SHARED.mail}/%n`,
    '}',
  ];
}

/** No account has this name: a user name never begins with a dot. */
const NOBODY = '.nobody';

/**
 * The account's own file, with or without our domain. Where plaintext is refused nobody logs in from the address that
 * the server has itself: Dovecot takes equal addresses for a secured connection and lets such a login in in the clear
 * (login-common, `client_alloc`), whatever `ssl` says.
 */
function accountFile(mode: Mode): string {
  const ours = `%{if;%d;eq;${DOMAIN};%n;%{if;%u;eq;%n;%n;${NOBODY}}}`;
  return mode.plaintext === 'refused' ? `%{if;%r;eq;%l;${NOBODY};${ours}}` : ours;
}

const LOGGING = [
  'log_path = /dev/stdout',
  'log_timestamp = "%Y-%m-%d %H:%M:%S "',
  'mail_log_prefix = "%s(%u)<%{session}>: "',
  'login_log_format_elements = user=<%u> method=%m rip=%r rport=%{rport} lip=%l lport=%{lport} %c %k session=<%{session}>',
  'login_log_format = %$: %s',
  'auth_verbose = yes',
  'auth_verbose_passwords = sha1',
  'imap_logout_format = in=%i out=%o hdr_count=%{fetch_hdr_count} body_count=%{fetch_body_count} body_bytes=%{fetch_body_bytes} expunged=%{expunged}',
  'pop3_logout_format = in=%i out=%o top=%t/%p retr=%r/%b del=%d/%m',
];

/** One process takes many logins (75 connections a second with one process each), and is there before the first. */
const SERVICES = [
  'default_process_limit = 200',
  'default_client_limit = 2000',
  'default_vsz_limit = 512 M',
  'mail_max_userip_connections = 0',
  ...['imap-login', 'pop3-login'].flatMap((service) => [
    `service ${service} {`,
    '  service_count = 0',
    '  process_min_avail = 2',
    '  chroot =',
    '}',
  ]),
  'service anvil {',
  '  client_limit = 4000',
  // After wrong passwords an address waits, up to 15 s, and all devices come from the address of the tap.
  '  unix_listener anvil-auth-penalty {',
  '    mode = 0',
  '  }',
  '}',
  'service auth {',
  '  client_limit = 4000',
  '  inet_listener {',
  `    address = ${SASL_ADDRESS}`,
  `    port = ${SASL_PORT}`,
  '  }',
  '}',
  'service stats {',
  '  process_min_avail = 0',
  '}',
];

function peculiaritiesOf(mode: Mode): Peculiarity[] {
  const found: Peculiarity[] = [
    {
      id: 'dovecot-closes-silently',
      ports: FETCH_PORTS,
      text: 'Dovecot 2.3 refuses a handshake by closing the connection: the alert is not sent, only its log says why.',
    },
  ];
  if (mode.plaintext === 'refused') {
    found.push({
      id: 'dovecot-own-address',
      ports: FETCH_PORTS,
      text:
        'Dovecot takes a client at its own address for secured and asks it for a password in the clear; ' +
        'no account is accepted from there.',
    });
  }
  if (mode.auth.every((mechanism) => mechanism === 'NONE')) {
    found.push({
      id: 'dovecot-no-login',
      ports: FETCH_PORTS,
      text: 'Without any AUTH mechanism Dovecot does not start: it announces PLAIN, and knows no account.',
    });
  }
  return found;
}
