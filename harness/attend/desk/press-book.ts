import { conclude } from '../../conclude.ts';
import { judge } from '../../judge.ts';
import { applyChange } from '../../modes/apply-change.ts';
import { collectEvidence } from '../../observe.ts';
import { newestOf, type RunFolder } from '../../records.ts';
import { createRedactor } from '../../redact.ts';
import { renderRecord } from '../../render-record.ts';
import type { DeviceEvidence } from '../../vocabulary/evidence.ts';
import { Finding } from '../../vocabulary/finding.ts';
import type { Mode } from '../../vocabulary/mode.ts';
import { type Attachment, Record } from '../../vocabulary/record.ts';
import type { Verdict } from '../../vocabulary/verdict.ts';
import type { ChoosePress, PlannedPress } from './choose-press.ts';
import type { Press } from '../door/contract.ts';
import { pressesOf } from './press-result.ts';
import type { ListedDevice } from './render-view.ts';
import type { PressKey } from './state.ts';

export interface PressBookOptions {
  readonly modes: readonly Mode[];
  readonly folder: RunFolder;
  readonly choose: ChoosePress;
  readonly keepBodies: boolean;
  /** What a run that was cut off left. */
  readonly records: readonly Record[];
}

/** What a person says of a press; never a witness. */
export type Said = Pick<DeviceEvidence, 'said' | 'text'>;

/** A press that has come to its end. */
export interface EndedPress {
  readonly about: ListedDevice;
  readonly planned: PlannedPress;
  readonly stand: Press;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly photos: Attachment[];
  said: Said;
}

/** The records of an attended run: what is asked next, and what came of it. */
export interface PressBook {
  readonly records: readonly Record[];
  next(about: ListedDevice, notFound: readonly string[]): PlannedPress | null;
  verdicts(device: string): readonly Verdict[];
  /** Judges a press and puts it on disk; again, when more is known of it: then as a further attempt. */
  write(press: EndedPress): Record;
  /** Adds what a person says of a press that is on disk, or photos of it: a further attempt of the same press. */
  amend(press: PressKey, added: { readonly said?: Said; readonly photos?: readonly Attachment[] }): Record | null;
  /** Puts a photo beside the evidence of a press whose record is not written yet. */
  keepPhoto(
    trial: string,
    photo: { readonly name: string; readonly type: string; readonly bytes: Buffer },
  ): readonly Attachment[];
  /** More came to it after it was written. */
  grew(press: EndedPress): boolean;
}

export function openPressBook(options: PressBookOptions): PressBook {
  const { folder, modes, choose } = options;
  const records = [...options.records];
  const own = (device: string) => records.filter((r) => r.device.id === device);
  const nextAttempt = (trial: string) => 1 + records.filter((r) => r.trial === trial).length;
  return {
    records,
    next: ({ device }, notFound) => choose(device, pressesOf(own(device.id)), notFound),
    verdicts: (device) => conclude(newestOf(own(device)), modes).verdicts,
    write(press) {
      const { about, planned, stand, startedAt, endedAt, photos, said } = press;
      const redactor = createRedactor([stand.account.password], { keepBodies: options.keepBodies });
      const { evidence, files } = collectEvidence(
        stand,
        { ...said, exitCode: null, trouble: null },
        redactor,
        startedAt,
      );
      const durationMs = Math.max(0, endedAt.getTime() - startedAt.getTime());
      const rendered = renderRecord(
        {
          trial: planned.trial,
          attempt: nextAttempt(planned.trial.id),
          device: about.device,
          stand,
          observation: { evidence, files, startedAt, durationMs, sessionSpoilt: false },
          missing: null,
        },
        folder,
      );
      const record = { ...rendered, attachments: [...rendered.attachments, ...photos] };
      folder.append(record);
      records.push(record);
      return record;
    },
    amend({ trial, startedAt }, { said = {}, photos = [] }) {
      const before = records.findLast((r) => r.trial === trial && r.startedAt === startedAt);
      const mode = modes.find((m) => m.id === before?.mode);
      if (before === undefined || mode === undefined) return null;
      const { evidence, change, attachments } = before;
      const amended = { ...evidence, device: { ...evidence.device, ...said } };
      const policy = change === undefined ? mode : applyChange(mode, change.path, change.to).mode;
      const record = Record.parse({
        ...withoutFinding(before),
        ...judge({ ...before, trust: before.device.trust, evidence: amended }, policy),
        attempt: nextAttempt(trial),
        evidence: amended,
        attachments: [...attachments, ...photos],
      });
      folder.append(record);
      records.push(record);
      return record;
    },
    keepPhoto: (trial, photo) => folder.writeEvidence(trial, nextAttempt(trial), [photo]),
    grew({ about, planned, stand }) {
      const last = own(about.device.id).findLast((r) => r.trial === planned.trial.id);
      if (last === undefined) return false;
      return (
        stand.tap.captures().some((c) => c.late) || stand.store.arrived(stand.marker) > last.evidence.server.arrived
      );
    },
  };
}

function withoutFinding(record: Record): Omit<Record, keyof Finding> {
  const keys = new Set(Object.keys(Finding.shape));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed as a record again
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key))) as Omit<Record, keyof Finding>;
}
