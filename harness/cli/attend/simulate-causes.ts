import { CAUSE_RULES } from '../../causes.ts';
import { causeUndoneBy } from '../../judging/counter-tests.ts';
import { SILENT_CANDIDATES } from '../../judging/rejection.ts';
import type { Plan } from '../../next-trial.ts';
import { endpointOf } from '../../rig.ts';
import { Device } from '../../vocabulary/device.ts';
import { type Cause, CAUSES, type Finding } from '../../vocabulary/finding.ts';
import type { MintedProfile, Mode } from '../../vocabulary/mode.ts';
import { Record, RECORD_VERSION } from '../../vocabulary/record.ts';
import type { Trial } from '../../vocabulary/trial.ts';
import { pressAdaptively, pressInFixedOrder, type Protocol } from './simulate-protocols.ts';
import { compare, type Compared } from './simulate-table.ts';

/**
 * No fleet shows every cause. Here each one stands in made-up findings of a device that does not exist, once in strict
 * alone and once in every mode: what is asked for, and what is concluded, is real.
 */
export function playCauses({ modes: shipped, scenarios, forgiving }: Omit<Plan, 'device'>): readonly Compared[] {
  return CAUSES.filter((c) => CAUSE_RULES[c].family === 'failure').flatMap((cause) =>
    (['in-strict', 'in-every-mode'] as const).flatMap((where) => {
      // Strict takes nothing in the clear, so mail that arrives so is a matter of the other modes.
      if (cause === 'plaintext-fallback' && where === 'in-strict') return [];
      const device = madeUpDevice(cause, where);
      const modes = shipped.map((mode) => (where === 'in-strict' ? showingOwn(mode, cause) : mode));
      const plan: Plan = { device, modes, scenarios, forgiving };
      const [adaptive, fixed] = [pressAdaptively(plan, 'send'), pressInFixedOrder(plan, 'send')].map((protocol) =>
        play(protocol, (trial) => madeUpRecord(device, trial, findingOf(trial, cause, where))),
      );
      return [compare({ device, direction: 'send', modes, adaptive: adaptive ?? [], fixed: fixed ?? [] })];
    }),
  );
}

type Where = 'in-strict' | 'in-every-mode';
const NAME_TYPED_IN = 'mail.kunde.example';

/** Modes show one certificate, and what is wrong with it is wrong in all of them: in strict alone it takes another one. */
function showingOwn(mode: Mode, cause: Cause): Mode {
  const minted = FAULTY.get(cause);
  return mode.id !== 'strict' || minted === undefined ? mode : { ...mode, certificate: { minted, names: [] } };
}

const FAULTY: ReadonlyMap<Cause, MintedProfile> = new Map([
  ['certificate-untrusted', 'untrusted-root'],
  ['certificate-dates', 'not-yet-valid'],
]);

function madeUpDevice(cause: Cause, where: Where): Device {
  const isNamed = cause !== 'connection-dropped';
  const failing = isNamed ? 'fails-already' : 'unknown';
  const isCarried = where === 'in-strict' || cause === 'plaintext-fallback';
  return Device.parse({
    id: `made-up-${cause}-${where}`,
    vendor: 'Muster',
    model: cause,
    kind: 'appliance',
    trust: 'run-ca',
    firmware: [{ version: '1', emulated: { stack: 'node-current' } }],
    settings: [
      {
        id: 'starttls-587',
        protocol: 'smtp',
        port: 587,
        security: 'starttls',
        ...(cause === 'certificate-name' ? { host: NAME_TYPED_IN } : {}),
      },
    ],
    reach: { driver: 'emulated', console: 'none', over: 'pty' },
    client: 'none',
    truth: {
      built: 'made up',
      verdict: { send: isCarried ? 'legacy-only' : failing },
      cause: { send: cause === 'plaintext-fallback' ? 'plaintext-only' : cause },
    },
  });
}

function findingOf(trial: Trial, cause: Cause, where: Where): Omit<Finding, 'because'> {
  const works = { outcome: 'works', encrypted: true } as const;
  if (where === 'in-strict' && trial.mode !== 'strict') return works;
  if (trial.change !== undefined && causeUndoneBy(trial.change) === cause) return works;
  if (cause === 'plaintext-fallback')
    return trial.mode === 'strict'
      ? { outcome: 'fails', cause: 'plaintext-only' }
      : { outcome: 'fails', cause, encrypted: false };
  return SILENT_CANDIDATES.includes(cause)
    ? { outcome: 'fails', cause: 'connection-dropped', candidates: [...SILENT_CANDIDATES] }
    : { outcome: 'fails', cause };
}

function play(protocol: Protocol, answer: (trial: Trial) => Record): readonly Record[] {
  const records: Record[] = [];
  for (let trial = protocol(records); trial !== null; trial = protocol(records)) records.push(answer(trial));
  return records;
}

/** A record that nobody measured, for simulations and tests. */
export function madeUpRecord(device: Device, trial: Trial, finding: Omit<Finding, 'because'>): Record {
  const { id, device: _, ...asked } = trial;
  const configured = device.settings.find((s) => (s.protocol === 'smtp') === (trial.direction === 'send'));
  const { vendor, model, kind, trust } = device;
  return Record.parse({
    v: RECORD_VERSION,
    run: 'made-up',
    trial: id,
    role: asked.role,
    ...(asked.of === undefined ? {} : { of: asked.of }),
    ...(asked.change === undefined ? {} : { change: asked.change }),
    attempt: 1,
    device: {
      id: device.id,
      vendor,
      model,
      kind,
      trust,
      firmware: asked.firmware,
      installed: asked.firmware === device.firmware[0]?.version,
      emulated: true,
    },
    scenario: asked.scenario,
    direction: asked.direction,
    setting: asked.setting,
    asConfigured: configured?.id === asked.setting.id,
    endpoint: endpointOf(asked.setting),
    mode: asked.mode,
    engine: asked.engine,
    startedAt: '2026-05-01T10:00:00.000Z',
    durationMs: 1,
    because: [],
    ...finding,
    evidence: {
      wire: { connections: [] },
      server: {
        sessions: [],
        arrived: 0,
        unspoken: { versions: [], suites: [], groups: [], signatures: [] },
        trouble: null,
      },
      device: { said: 'nothing', text: '', exitCode: null, trouble: null },
    },
    attachments: [],
  });
}
