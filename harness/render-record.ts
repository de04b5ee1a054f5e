import { judge } from './judge.ts';
import { settingsOf } from './next-trial.ts';
import type { Observation } from './observe.ts';
import type { RunFolder } from './records.ts';
import type { Stand } from './rig.ts';
import { type Device, isEmulated } from './vocabulary/device.ts';
import type { Finding } from './vocabulary/finding.ts';
import { Record, RECORD_VERSION } from './vocabulary/record.ts';
import type { Trial } from './vocabulary/trial.ts';

export interface Observed {
  readonly trial: Trial;
  readonly attempt: number;
  readonly device: Device;
  /** Where it was run: the policy that answered, and the listener that was asked. */
  readonly stand: Pick<Stand, 'mode' | 'endpoint'>;
  readonly observation: Observation;
  /** Why this lab could not run it, or null. */
  readonly missing: string | null;
}

/** Judges what was observed, writes its evidence, and renders the record, which the caller appends. */
export function renderRecord(observed: Observed, folder: RunFolder): Record {
  const { trial, attempt, device, stand, observation, missing } = observed;
  const { evidence } = observation;
  const finding: Finding =
    missing === null
      ? judge({ ...trial, trust: device.trust, endpoint: stand.endpoint, evidence }, stand.mode)
      : { outcome: 'not-run', cause: 'not-in-this-lab', because: [missing] };
  const [configured] = settingsOf(device, trial.firmware, trial.direction);
  return Record.parse({
    v: RECORD_VERSION,
    run: folder.run,
    trial: trial.id,
    role: trial.role,
    ...(trial.of === undefined ? {} : { of: trial.of }),
    ...(trial.change === undefined ? {} : { change: trial.change }),
    attempt,
    ...(trial.repeat === undefined ? {} : { repeat: trial.repeat }),
    device: {
      id: device.id,
      vendor: device.vendor,
      model: device.model,
      firmware: trial.firmware,
      installed: device.firmware[0]?.version === trial.firmware,
      kind: device.kind,
      emulated: isEmulated(device),
      trust: device.trust,
    },
    scenario: trial.scenario,
    direction: trial.direction,
    setting: trial.setting,
    asConfigured: configured?.id === trial.setting.id,
    endpoint: stand.endpoint,
    mode: trial.mode,
    engine: trial.engine,
    startedAt: observation.startedAt.toISOString(),
    durationMs: Math.round(observation.durationMs),
    ...finding,
    evidence,
    attachments: [...folder.writeEvidence(trial.id, attempt, observation.files)],
  });
}

export function nothingObserved(stand: Pick<Stand, 'server'>): Observation {
  return {
    evidence: {
      wire: { connections: [] },
      server: { sessions: [], arrived: 0, unspoken: stand.server.unspoken, trouble: null },
      device: { said: 'nothing', text: '', exitCode: null, trouble: null },
    },
    startedAt: new Date(),
    durationMs: 0,
    files: [],
    sessionSpoilt: false,
  };
}
