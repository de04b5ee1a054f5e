import type { Alert, Connection } from '../../harness/vocabulary/evidence.ts';
import type { Record } from '../../harness/vocabulary/record.ts';
import { explainHello } from './explain-hello.ts';
import type { Step } from './step.ts';
import type { Words } from './words.ts';

/** What the witnesses saw, connection by connection, then the server's and the device's words. */
export function witnessSteps(record: Record, words: Words): readonly Step[] {
  const { wire, server, device } = record.evidence;
  const connections = wire.connections.map((c) => connectionStep(c, words));
  const said = [`${device.said}${device.exitCode === null ? '' : `, exit code ${device.exitCode}`}`, device.text];
  return [
    ...(connections.length === 0 ? [fact(words.noConnection)] : connections),
    { name: words.server, status: 'passed', steps: serverSteps(record) },
    {
      name: words.device,
      status: device.trouble === null ? 'passed' : 'broken',
      steps: [...said, device.trouble ?? ''].filter((text) => text !== '').map((text) => fact(text)),
    },
    ...(server.trouble === null ? [] : [{ name: server.trouble, status: 'broken' } as const]),
  ];
}

function connectionStep(c: Connection, words: Words): Step {
  const alerts = c.alerts.map((a) => alertStep(a, c, words));
  const refused = alerts.some((a) => a.status === 'failed') || c.handshake === 'started';
  return {
    name: `${words.connection} ${c.number}: ${summary(c, words)}${c.late ? ` (${words.late})` : ''}`,
    status: refused ? 'failed' : 'passed',
    parameters: [
      { name: 'STARTTLS', value: c.starttls },
      { name: 'handshake', value: c.handshake },
      { name: 'bytes', value: `client ${c.bytes.client}, server ${c.bytes.server}` },
    ],
    steps: [
      ...dialogueStep(c, words),
      ...helloStep(c, words),
      ...answerSteps(c, words),
      ...alerts,
      ...c.oddities.map((text): Step => ({ name: text, status: 'broken' })),
      fact(`${words.ended}: ${c.ended.by}, ${c.ended.how}, ${at(c.ended.atMs)}`),
    ],
  };
}

function summary(c: Connection, words: Words): string {
  if (c.hello === null) return c.starttls === 'not-asked' ? words.plaintext : `STARTTLS ${c.starttls}`;
  const alert = c.alerts.find((a) => a.level === 'fatal');
  const offered = words.offers(versionName(c.hello.maxVersion));
  if (alert !== undefined) return `${offered}, ${words.alertFrom(String(alert.number ?? '?'), alert.from)}`;
  return c.handshake === 'finished'
    ? `${versionName(c.serverHello?.version ?? c.hello.maxVersion)}, ${c.serverHello?.suite ?? ''}`
    : `${offered}, ${words.endedBy(c.ended.by)}`;
}

function alertStep(a: Alert, c: Connection, words: Words): Step {
  // After mail went both ways an encrypted alert is how TLS says goodbye (close_notify, RFC 5246 section 7.2.1).
  const goodbye = a.level === null && c.applicationBytes.client > 0 && c.applicationBytes.server > 0;
  const what = a.number === null ? words.encrypted : `${a.number} ${a.name ?? ''} (${a.level ?? words.encrypted})`;
  return {
    name: `${words.alert}: ${a.from}, ${what}, ${at(a.atMs)}`,
    status: a.level === 'warning' || goodbye ? 'passed' : 'failed',
  };
}

function dialogueStep(c: Connection, words: Words): readonly Step[] {
  if (c.dialogue.length === 0) return [];
  const steps = c.dialogue.map((line) => fact(`${line.from === 'client' ? '→' : '←'} ${line.text}`));
  return [{ name: words.dialogue, status: 'passed', steps }];
}

function helloStep(c: Connection, words: Words): readonly Step[] {
  if (c.hello === null) return [];
  const h = c.hello;
  return [
    {
      name: `${words.offered}: ${versionName(h.maxVersion)}`,
      status: 'passed',
      parameters: [
        { name: 'versions', value: h.versions.join(', ') },
        { name: 'suites', value: String(h.suites.length) },
        { name: 'groups', value: h.groups?.join(', ') ?? 'extension absent' },
        { name: 'signatures', value: h.signatures?.join(', ') ?? 'extension absent' },
        { name: 'SNI', value: h.sni ?? 'none' },
        { name: 'JA3', value: h.ja3Hash ?? 'none' },
        { name: 'JA4', value: h.ja4 ?? 'none' },
      ],
      files: [{ name: words.helloExplained, type: 'text/plain', extension: 'txt', text: explainHello(h) }],
    },
  ];
}

function answerSteps(c: Connection, words: Words): readonly Step[] {
  const { serverHello: s, certificate: x } = c;
  return [
    ...(s === null
      ? []
      : [fact(`${words.answered}: ${versionName(s.version)}, ${s.suite}${s.group === null ? '' : `, ${s.group}`}`)]),
    ...(x === null
      ? []
      : [fact(`${words.certificate}: ${x.names.join(', ')}; ${x.key}; ${x.notBefore} – ${x.notAfter}`)]),
  ];
}

function serverSteps(record: Record): readonly Step[] {
  const { sessions, arrived } = record.evidence.server;
  return [
    ...sessions.flatMap((s): readonly Step[] => [
      ...(s.auth === null ? [] : [authStep(s.auth)]),
      ...(s.refusal === null ? [] : [{ name: s.refusal, status: 'failed' } as const]),
      ...(s.alertNumber === null ? [] : [fact(`SSL alert number ${s.alertNumber}`)]),
      ...s.log.map((line) => fact(line)),
    ]),
    fact(`mails with this trial's marker: ${arrived}`),
  ];
}

function authStep(auth: {
  readonly mechanism: string;
  readonly accepted: boolean;
  readonly note: string | null;
}): Step {
  const note = auth.note === null ? '' : ` (${auth.note})`;
  return { name: `AUTH ${auth.mechanism}${note}`, status: auth.accepted ? 'passed' : 'failed' };
}

function fact(name: string): Step {
  return { name, status: 'passed' };
}

function at(ms: number): string {
  return `${Math.round(ms)} ms`;
}

function versionName(version: string): string {
  return version.startsWith('SSL') ? version : `TLS ${version}`;
}
