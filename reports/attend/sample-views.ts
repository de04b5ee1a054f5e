import type { AttendedDevice, AttendView, Entry, PressResult, Prompt } from '../../harness/vocabulary/attend.ts';
import { Verdict } from '../../harness/vocabulary/verdict.ts';

/** Views as the desk sends them, for the page's tests. */

let version = 0;

export function viewWith(devices: readonly AttendedDevice[], part: Partial<AttendView> = {}): AttendView {
  version += 1;
  return {
    version,
    now: '2025-02-03T10:00:00.000Z',
    run: 'attend-1',
    startedAt: '2025-02-03T09:00:00.000Z',
    certificate: 'provider',
    devices,
    strangers: [],
    people: ['Anna'],
    finished: false,
    ...part,
  };
}

const SETTING = { id: 'submit-587', protocol: 'smtp', port: 587, security: 'starttls' } as const;

const ENTRIES: readonly Entry[] = [
  { name: 'host', value: 'smtp.mail.example' },
  { name: 'port', value: '587' },
  { name: 'security', value: 'starttls' },
  { name: 'user', value: 'geraet@mail.example' },
  { name: 'password', value: 'test1234' },
  { name: 'recipient', value: 'test@mail.example' },
];

export function promptWith(part: Partial<Prompt> = {}): Prompt {
  return {
    reason: 'first',
    direction: 'send',
    menu: { de: 'Einstellungen > Netzwerk > E-Mail', en: 'Settings > Network > E-mail' },
    entries: ENTRIES,
    setting: SETTING,
    ...part,
  };
}

export function deviceWith(id: string, part: Partial<AttendedDevice> = {}): AttendedDevice {
  return {
    id,
    name: `Musterwerk ${id}`,
    kind: 'mfp',
    note: 'Empfang, Inv. 4711',
    state: 'waiting',
    rivals: [],
    configured: [SETTING],
    press: 1,
    prompt: null,
    waitsUntil: null,
    by: '',
    results: [],
    verdicts: [],
    photos: [],
    ...part,
  };
}

export function resultWith(part: Partial<PressResult> = {}): PressResult {
  return {
    number: 1,
    direction: 'send',
    reason: 'first',
    trial: 'x@1/submit/submit-587/strict/question',
    outcome: 'fails',
    cause: 'version-too-old',
    encrypted: null,
    said: 'failed',
    offered: '1.0',
    connections: 1,
    ...part,
  };
}

/** A press whose mail arrived, encrypted. */
export function arrivedWith(part: Partial<PressResult> = {}): PressResult {
  const { cause: _, ...result } = resultWith({ outcome: 'works', encrypted: true, ...part });
  return result;
}

export function verdictWith(device: string, part: Partial<Verdict> = {}): Verdict {
  return Verdict.parse({
    v: 1,
    device,
    direction: 'send',
    verdict: 'legacy-only',
    basis: 'measured',
    causes: ['version-too-old'],
    confidence: 'confirmed',
    until: '2025-05-30',
    encrypted: true,
    remedies: ['firmware', 'legacy-host', 'other-function', 'replace'],
    engine: 'embedded',
    firmware: '1.0',
    emulated: false,
    measuredAt: '2025-02-03T10:00:00.000Z',
    expiresAt: '2026-02-03',
    trials: [],
    ...part,
  });
}
