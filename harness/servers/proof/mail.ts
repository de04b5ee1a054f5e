import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, MailStore } from '../contract.ts';
import { NoAnswer, openClear, openEncrypted } from './client.ts';
import { carryMail, mayUse } from './dialogue.ts';
import { helloOfGoodClient } from './hello.ts';
import { encrypts, type PortUnderProof, provableVersions, servableSuites } from './port.ts';

/** Real servers deliver through a queue, embedded ones at once. */
const ARRIVAL_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** A good client delivers a marked mail, or fetches one: encrypted if the mode has TLS here, else in the clear. */
export async function proveDelivery(
  port: PortUnderProof,
  account: Account,
  store: Pick<MailStore, 'putMail' | 'arrived'>,
): Promise<void> {
  const { mode, endpoint, target } = port;
  const marker = `cutover-${randomBytes(8).toString('hex')}`;
  const newest = provableVersions(port).findLast((version) => servableSuites(port, version).length > 0);
  const hello = encrypts(port) && newest !== undefined ? helloOfGoodClient(mode, newest) : null;
  if (hello === null && (mode.plaintext === 'refused' || endpoint.tls === 'implicit')) return;
  if (endpoint.protocol !== 'smtp') {
    if (!logsIn(port)) return;
    store.putMail(account, marker, 200);
  }

  const attempt = hello === null ? await openClear(target) : await openEncrypted(target, hello);
  port.hung = attempt.kind === 'hung';
  let why: string | null = attempt.kind === 'open' ? null : attempt.why;
  if (attempt.kind === 'open') {
    using talk = attempt.talk;
    if (attempt.tls !== null) port.keyType = attempt.tls.keyType;
    why = await unanswered(carryMail(talk, endpoint.protocol, { account, auth: mode.auth, marker }));
    if (why === null && endpoint.protocol === 'smtp' && !(await arrives(store, marker))) {
      why = `its mail was accepted and had not arrived after ${ARRIVAL_MS / 1000} s`;
    }
  }
  port.proof.delivers = why === null;
  if (why === null) return;
  port.contradictions.push({
    says: 'a good client can use it',
    did: `one failed: ${why}`,
    advice:
      'As long as it does, a failing device proves nothing: check that the server runs, its certificate and accounts.',
  });
}

/** A client that never asks for TLS tries to use the port. */
export async function provePlaintext(port: PortUnderProof, account: Account): Promise<void> {
  const { mode, endpoint, target, proof } = port;
  let may = false;
  const attempt = await openClear(target);
  if (attempt.kind === 'open') {
    using talk = attempt.talk;
    await unanswered(
      mayUse(talk, endpoint.protocol, { account, auth: mode.auth, marker: '' }).then((used) => {
        may = used;
      }),
    );
  }
  proof.plaintext = may ? 'allowed' : 'refused';
  const usable = endpoint.tls === 'starttls' && (endpoint.protocol === 'smtp' || logsIn(port));
  const expected = usable ? mode.plaintext : 'refused';
  if (proof.plaintext === expected) return;
  port.contradictions.push({
    says: `plaintext is ${expected}`,
    did: may ? 'a client without TLS was let in' : 'a client without TLS was turned away',
    advice: 'Check what the server demands before a login.',
  });
}

function logsIn({ mode }: PortUnderProof): boolean {
  return mode.auth.some((mechanism) => mechanism !== 'NONE');
}

/** null: every answer came and was good. */
async function unanswered(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof NoAnswer) return error.message;
    throw error;
  }
}

async function arrives(store: Pick<MailStore, 'arrived'>, marker: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < ARRIVAL_MS; waitedMs += LOOK_EVERY_MS) {
    if (store.arrived(marker) > 0) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return store.arrived(marker) > 0;
}
