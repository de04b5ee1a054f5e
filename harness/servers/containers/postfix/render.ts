import { domainToASCII } from 'node:url';
import type { AuthMechanism } from '../../../vocabulary/trial.ts';
import type { Mode } from '../../../vocabulary/mode.ts';
import { type OpensslPolicy, planOpenssl, renderOpensslConf } from '../openssl-policy.ts';
import {
  CONFIG_FOLDER,
  type Peculiarity,
  renderKeyFile,
  type Rendering,
  type RenderOptions,
  SASL_PORT,
  SHARED,
  SHARED_FOLDER,
  SMTP_PORTS,
} from '../rendering.ts';

/**
 * Postfix 3.7 as a mode has it, on 25, 587 and 465. It trusts no address, relays nothing, and delivers what it accepts
 * into one Maildir. Pure. What it cannot express is not looked at here: see `refusalsOf`.
 *
 * @param dovecotHost Name or address under which it finds Dovecot, which knows the accounts.
 */
export function renderPostfix(options: RenderOptions & { readonly dovecotHost: string }): Rendering {
  const { mode, certificate } = options;
  const policy = planOpenssl(mode);
  return {
    files: [
      { target: `${CONFIG_FOLDER}/main.cf`, content: renderMain(options, policy) },
      { target: `${CONFIG_FOLDER}/master.cf`, content: renderMaster() },
      { target: `${CONFIG_FOLDER}/openssl.cnf`, content: renderOpensslConf(opensslCommands(policy)) },
      renderKeyFile(CHAIN_FILE, `${certificate.keyPem.trimEnd()}\n${certificate.chainPem}`),
    ],
    peculiarities: peculiaritiesOf(mode, policy),
  };
}

const CHAIN_FILE = `${CONFIG_FOLDER}/key-and-chain.pem`;
/** RFC 2606: no one's domain. All mail belongs to it, whoever it was meant for. */
const MAILBOX_DOMAIN = 'cutover.invalid';

function renderMain(options: RenderOptions & { readonly dovecotHost: string }, policy: OpensslPolicy): string {
  const { mode, mailOwner, dovecotHost } = options;
  return renderSettings({
    ...IDENTITY,
    // As `refusalsOf` has checked it: what a name like "a\nb" would add is gone.
    myhostname: domainToASCII(mode.hosts.smtp),
    ...tlsSettings(mode, policy),
    ...permissionSettings(mode),
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: `inet:${dovecotHost}:${SASL_PORT}`,
    ...NO_RELAY,
    virtual_mailbox_base: SHARED_FOLDER,
    virtual_uid_maps: `static:${mailOwner.uid}`,
    virtual_gid_maps: `static:${mailOwner.gid}`,
    virtual_minimum_uid: '1',
    ...LOGGING,
    ...SPEED,
  });
}

const IDENTITY = {
  compatibility_level: '3.6',
  smtpd_banner: '$myhostname ESMTP',
  myorigin: MAILBOX_DOMAIN,
  mydestination: '',
  inet_protocols: 'ipv4',
  biff: 'no',
  // As the embedded engine announces it.
  message_size_limit: String(40 * 1024 * 1024),
  // Reports of success would come back into the mailbox as mails of their own.
  smtpd_discard_ehlo_keywords: 'dsn, etrn, silent-discard',
};

/** No recipient leaves, whoever asks: everything is rewritten to one mailbox, and there is no client to send with. */
const NO_RELAY = {
  // Several recipients of a mail become one, so a mail arrives once.
  virtual_alias_maps: `static:arrived@${MAILBOX_DOMAIN}`,
  virtual_alias_domains: '',
  enable_original_recipient: 'no',
  virtual_mailbox_domains: MAILBOX_DOMAIN,
  virtual_mailbox_maps: `static:${SHARED.arrived}/`,
  virtual_mailbox_limit: '0',
  virtual_transport: 'virtual',
  default_transport: 'error:nothing is relayed',
  relay_transport: 'error:nothing is relayed',
  local_transport: 'error:nothing is relayed',
  relay_domains: '',
  mynetworks: '',
  alias_maps: '',
  alias_database: '',
  local_recipient_maps: '',
  smtp_dns_support_level: 'disabled',
  notify_classes: '',
  // Unique over all modes and the whole run: they join a mail in the mailbox to its session.
  enable_long_queue_ids: 'yes',
};

const LOGGING = {
  maillog_file: '/dev/stdout',
  // The tap's port joins a session to its trial.
  smtpd_client_port_logging: 'yes',
  smtpd_tls_loglevel: '1',
  smtpd_tls_received_header: 'no',
};

/** Each of these costs a connection a look-up, a process or a wait (12 connections a second with the defaults). */
const SPEED = {
  smtpd_peername_lookup: 'no',
  smtpd_client_connection_count_limit: '0',
  smtpd_client_connection_rate_limit: '0',
  smtpd_client_message_rate_limit: '0',
  smtpd_client_recipient_rate_limit: '0',
  smtpd_client_new_tls_session_rate_limit: '0',
  smtpd_client_auth_rate_limit: '0',
  default_process_limit: '200',
  max_use: '100000',
  max_idle: '3600s',
  in_flow_delay: '0',
  // A daemon that could not reach Dovecot at once is started again after a second, not after a minute.
  service_throttle_time: '1s',
};

function tlsSettings(mode: Mode, policy: OpensslPolicy): Readonly<Record<string, string>> {
  const { range } = policy;
  const protocols = range === null ? '' : `>=${PROTOCOLS[range.min]}, <=${PROTOCOLS[range.max]}`;
  return {
    smtpd_tls_security_level: mustEncrypt(mode) ? 'encrypt' : 'may',
    smtpd_tls_auth_only: mode.plaintext === 'refused' ? 'yes' : 'no',
    smtpd_tls_chain_files: CHAIN_FILE,
    // "mandatory" governs where TLS is demanded, the others where it is only offered: a cutover of one of the two
    // leaves a port half done.
    smtpd_tls_mandatory_protocols: protocols,
    smtpd_tls_protocols: protocols,
    smtpd_tls_mandatory_ciphers: 'high',
    smtpd_tls_ciphers: 'high',
    tls_high_cipherlist: policy.suites.length === 0 ? UNUSED_SUITE : policy.suites.join(':'),
    tls_preempt_cipherlist: 'yes',
    tls_eecdh_auto_curves: policy.groups.join(' '),
    // Every trial must show a full handshake.
    tls_ssl_options: 'NO_TICKET',
    smtpd_tls_session_cache_database: '',
    tls_config_file: `${CONFIG_FOLDER}/openssl.cnf`,
  };
}

const PROTOCOLS = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;
/** With TLS 1.3 alone: an empty list would be the default one, and a list of TLS 1.3 suites none. */
const UNUSED_SUITE = 'AES128-SHA';

/** The styles `504` and `554` let a client go on in the clear, up to AUTH or the recipient. */
function mustEncrypt(mode: Mode): boolean {
  return mode.plaintext === 'refused' && mode.refusal.plaintext === '530';
}

function opensslCommands(policy: OpensslPolicy): Readonly<Record<string, string>> {
  return {
    ...(policy.suites13.length === 0 ? {} : { Ciphersuites: policy.suites13.join(':') }),
    // Left as providers run it, Postfix takes SHA-1 as well: a fact about the server, not about the mode.
    ...(policy.usualSignatures ? {} : { SignatureAlgorithms: policy.signatures.join(':') }),
  };
}

function permissionSettings(mode: Mode): Readonly<Record<string, string>> {
  const isOpen = mode.auth.includes('NONE');
  const encrypted = mode.plaintext === 'refused' ? ['reject_plaintext_session'] : [];
  const rule = isOpen ? [...encrypted, PERMIT] : ['permit_sasl_authenticated', 'reject_unauth_destination'];
  return {
    smtpd_sasl_auth_enable: offersAuth(mode.auth) ? 'yes' : 'no',
    smtpd_sasl_security_options: 'noanonymous',
    smtpd_sasl_tls_security_options: 'noanonymous',
    // The `reject` closes our own domain to clients without AUTH.
    smtpd_relay_restrictions: [...rule, 'reject'].join(', '),
    smtpd_recipient_restrictions: '',
    plaintext_reject_code: '554',
  };
}

/** As `permit`, with which smtpd does not start here: it wants a `reject` that it takes for reachable. */
const PERMIT = 'check_client_access static:OK';

function offersAuth(auth: readonly AuthMechanism[]): boolean {
  return auth.some((mechanism) => mechanism !== 'NONE');
}

function renderSettings(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`.trimEnd())
    .join('\n')
    .concat('\n');
}

/**
 * Only what takes a mail and puts it into a Maildir: no smtp, relay, local, lmtp or pipe, so nothing could be sent on.
 * The port stands in the name that each line of the log begins with.
 */
function renderMaster(): string {
  const listeners = SMTP_PORTS.map((port) => {
    const wrapper = port === 465 ? ' -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt' : '';
    return `${port} inet n - n - - smtpd -o syslog_name=postfix/${port}${wrapper}`;
  });
  return [
    ...listeners,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'proxymap unix - - n - - proxymap',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
    '',
  ].join('\n');
}

function peculiaritiesOf(mode: Mode, policy: OpensslPolicy): Peculiarity[] {
  const found: Peculiarity[] = [];
  if (policy.usualSignatures && policy.range !== null && policy.range.min <= '1.2' && policy.range.max >= '1.2') {
    found.push({
      id: 'postfix-accepts-sha1',
      ports: SMTP_PORTS,
      text:
        'Postfix takes TLS 1.2 clients that sign with SHA-1 or name no signature algorithms, which Dovecot refuses: ' +
        'it starts at OpenSSL security level 0 and nobody sets its signature algorithms.',
    });
  }
  if (mode.plaintext === 'refused' && mode.refusal.plaintext === '554' && offersAuth(mode.auth)) {
    found.push({
      id: 'postfix-answers-504',
      ports: [587, 25],
      text: 'To AUTH in the clear, which it does not offer, Postfix answers 504 5.5.4 and not 503 5.5.1.',
    });
  }
  return found;
}
