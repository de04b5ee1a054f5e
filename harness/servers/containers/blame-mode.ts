import { HarnessFault } from '../../faults.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import type { ModeRefusal } from '../../modes/read-mode.ts';

/** What these servers cannot express, before anything is started. */
export function faultOfRefusals(mode: Mode, refusals: readonly ModeRefusal[]): HarnessFault {
  const lines = refusals.map(({ path, what, why, todo }) => `  ${path.join('.')}: ${what}; ${why}; ${todo}`);
  const message = `Mode "${mode.id}" asks for what Postfix and Dovecot cannot do:\n${lines.join('\n')}`;
  return new HarnessFault('mode-unspeakable', message, {
    advice: 'Correct the mode, or run it on the embedded engine (--engine embedded).',
    stage: 'start',
  });
}

/**
 * A server that does not start with what was rendered from a mode: its own words, and the place in the mode's YAML
 * that the setting comes from which they name.
 */
export function faultOfStart(mode: Mode, server: string, why: string, log: readonly string[]): HarnessFault {
  const complaints = log.filter(isComplaint);
  const telling = complaints.length > 0 ? complaints : log.filter((line) => TELLING.test(line));
  const words = [...new Set((telling.length > 0 ? telling : log).map(withoutTime))].slice(-LINES);
  const place = PLACES.find(({ setting }) => words.some((line) => setting.test(line)))?.path;
  const where = place === undefined ? '' : `, which comes from ${place} of the mode`;
  const message = `Mode "${mode.id}": ${server} does not start: ${why}${where}:\n${words.map((w) => `  ${w}`).join('\n')}`;
  return new HarnessFault('mode-rejected', message, {
    advice:
      place === undefined
        ? "Read the server's words, and correct the mode or the folder that is mounted over ours."
        : `Correct ${place} in the mode's file.`,
    stage: 'start',
  });
}

/** A server whose log names no connection by its client's port, which joins it to its trial. */
export function faultOfSilentLog(mode: Mode, server: 'postfix' | 'dovecot'): HarnessFault {
  const where =
    mode.configuration === undefined ? '' : `, or by what is laid over it (${mode.configuration}/${server})`;
  const message = `Mode "${mode.id}": the log of ${server} does not tell of connections, as it would by our settings${where}.`;
  return new HarnessFault('mode-rejected', message, {
    advice: `Leave these alone: ${LOG_SETTINGS[server]}.`,
    stage: 'start',
  });
}

const LOG_SETTINGS = {
  postfix: 'maillog_file, smtpd_client_port_logging and smtpd_tls_loglevel',
  dovecot: 'log_path, info_log_path, login_log_format_elements and login_log_format',
} as const;

/** A line in which a server refuses its own settings. Some are read when the first client comes. */
export function isComplaint(line: string): boolean {
  return /\b(?:fatal|panic): |Failed to initialize SSL|error setting cipher grade|throttling|disabling TLS support/i.test(
    line,
  );
}

/**
 * A line that tells of a full disk (ENOSPC, EDQUOT, or Postfix's own look at it, `queue_minfree`): what the server
 * answers then says nothing about a device. What a client calls itself, in brackets, is not looked at.
 */
export function isStorageTrouble(line: string): boolean {
  const full = /No space left on device|Disk quota exceeded|Insufficient system storage|not enough free space/i;
  return full.test(line.replaceAll(/<[^>]*>/g, '')) && !/(?:^|\s)auth: /.test(line);
}

const LINES = 6;
const TELLING = /\b(?:fatal|error|warning|panic|failed)\b/i;

/** Settings of both servers as their messages name them, the telling ones first. */
const PLACES: readonly { readonly setting: RegExp; readonly path: string }[] = [
  { setting: /ssl_cert\b|ssl_key\b|chain_files|chain\.pem|key\.pem|private key|certificate/i, path: 'certificate' },
  { setting: /cipher_suites|Ciphersuites|cipher_list|cipherlist|cipher grade/i, path: 'suites' },
  { setting: /curve|eecdh/i, path: 'groups' },
  { setting: /SignatureAlgorithms|sigalgs/i, path: 'signatures' },
  { setting: /min_protocol|MaxProtocol|tls_(?:mandatory_)?protocols/i, path: 'tls' },
  { setting: /auth_mechanisms|sasl/i, path: 'auth' },
  { setting: /myhostname/i, path: 'hosts.smtp' },
];

function withoutTime(line: string): string {
  return line.replace(/^(?:[\d-]+|\w{3} [ \d]\d) [\d:]{8} /, '');
}
