import { domainToASCII } from 'node:url';
import type { ModeRefusal } from '../../modes/read-mode.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { planOpenssl } from './openssl-policy.ts';

/** Everything in a mode that Postfix 3.7 and Dovecot 2.3 cannot express. Pure; empty: they can. */
export function refusalsOf(mode: Mode): readonly ModeRefusal[] {
  return [...hostRefusals(mode), ...styleRefusals(mode), ...listRefusals(mode)];
}

function hostRefusals(mode: Mode): ModeRefusal[] {
  return (['smtp', 'imap', 'pop3'] as const)
    .filter((key) => !HOST.test(domainToASCII(mode.hosts[key])))
    .map((key) => ({
      path: ['hosts', key],
      what: `${JSON.stringify(mode.hosts[key])} is no host name`,
      why: 'Postfix and Dovecot name themselves so in their greetings',
      todo: 'write a name of letters, digits, hyphens and dots',
    }));
}

/** RFC 1123 section 2.1, at most 253 letters; it stands in configuration files, where anything else could say more. */
const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function styleRefusals(mode: Mode): ModeRefusal[] {
  const refused: ModeRefusal[] = [];
  const { version } = mode.refusal;
  if (version === '421-after-tls') {
    refused.push({
      path: ['refusal', 'version'],
      what: '421-after-tls cannot be had from Postfix or Dovecot',
      why: 'both refuse an old version within the handshake',
      todo: 'write alert, or run this mode on the embedded engine',
    });
  }
  if (version === 'silent') {
    refused.push({
      path: ['refusal', 'version'],
      what: 'silent cannot be had from Postfix',
      why: 'its OpenSSL always sends an alert (Dovecot 2.3 closes without one, whatever is written here)',
      todo: 'write alert, or run this mode on the embedded engine',
    });
  }
  if (mode.starttls === 'hidden') {
    refused.push({
      path: ['starttls'],
      what: 'hidden cannot be had from Dovecot',
      why: 'one setting switches TLS off for 143 and 993 together',
      todo: 'write offered, or run this mode on the embedded engine',
    });
  }
  return refused;
}

function listRefusals(mode: Mode): ModeRefusal[] {
  const policy = planOpenssl(mode);
  const why = 'OpenSSL 3.0 in the images has lost or never had them';
  const nothingOf = (path: readonly string[], what: string) => ({
    path,
    what,
    why,
    todo: 'list something newer as well, or run this mode on another engine',
  });
  const refused: ModeRefusal[] = [];
  if (policy.suites.length + policy.suites13.length === 0) {
    refused.push(nothingOf(['suites'], 'none of these suites can be spoken'));
  } else if (policy.range === null) {
    refused.push(nothingOf(['tls'], `nothing from ${mode.tls.min} to ${mode.tls.max} can be spoken with these suites`));
  }
  if (policy.groups.length === 0) refused.push(nothingOf(['groups'], 'none of these groups can be spoken'));
  if (policy.signatures.length === 0) {
    refused.push(nothingOf(['signatures'], 'none of these signature schemes can be spoken'));
  }
  return refused;
}
