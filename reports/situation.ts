import type { Language } from '../harness/cause-texts.ts';
import type { Device } from '../harness/vocabulary/device.ts';
import type { Mode } from '../harness/vocabulary/mode.ts';
import type { Protocol, Setting } from '../harness/vocabulary/trial.ts';
import type { Verdict } from '../harness/vocabulary/verdict.ts';
import type { Schedule } from './phase.ts';

/** A verdict as it is read on one day, in one language: what every customer sentence is phrased from. */
export interface Situation {
  readonly verdict: Verdict;
  /** Absent when the snapshot no longer holds the device file. */
  readonly device?: Device | undefined;
  readonly schedule: Schedule;
  readonly language: Language;
  /** The same holds of both directions and is said once; `verdict` is then that of sending. */
  readonly both?: boolean;
}

/** The protocol that the verdict is about: the setting's, or the one the device is configured for. */
function protocolOf({ verdict, device }: Situation): Protocol {
  if (verdict.direction === 'send') return 'smtp';
  return (verdict.setting ?? configuredSetting(device, verdict.direction))?.protocol ?? 'imap';
}

/** First setting of the direction: as the owner has it now. */
export function configuredSetting(device: Device | undefined, direction: Verdict['direction']): Setting | undefined {
  const installed = device?.firmware[0]?.settings ?? [];
  return [...installed, ...(device?.settings ?? [])].find((s) => (s.protocol === 'smtp') === (direction === 'send'));
}

/** Host that the owner has to enter; null when no run of ours named one. */
export function hostFor(setting: Setting, mode: Mode | undefined): string | null {
  return setting.host ?? mode?.hosts[setting.protocol] ?? null;
}

/**
 * What the owner has to enter, and where: the proven setting, or for a device that needs it the transition host with
 * the setting it has now. Null when there is nothing to enter.
 */
export function settingToEnter(s: Situation): { readonly setting: Setting; readonly host: string | null } | null {
  const { verdict, schedule, device } = s;
  if (verdict.setting !== undefined) {
    return { setting: verdict.setting, host: hostFor(verdict.setting, schedule.strict) };
  }
  const host = verdict.verdict === 'legacy-only' ? transitionHost(s) : null;
  const setting = configuredSetting(device, verdict.direction);
  return host === null || setting === undefined ? null : { setting, host };
}

/** Past its last day: the legacy mode's, or as far as no run knows that mode, the verdict's own. */
export function transitionEnded({ schedule, verdict }: Situation): boolean {
  if (schedule.legacy !== undefined) return schedule.legacyEnded;
  return verdict.until !== undefined && schedule.asOf > verdict.until;
}

/** The transition host, or null once its last day has passed or no run named it. Never recommend it then. */
export function transitionHost(situation: Situation): string | null {
  const { legacy, legacyEnded } = situation.schedule;
  return legacy === undefined || legacyEnded ? null : legacy.hosts[protocolOf(situation)];
}

/** Of a situation of both directions: the hosts for sending and for fetching. */
export function transitionHosts(situation: Situation): { readonly send: string; readonly fetch: string } | null {
  const { verdict } = situation;
  const [send, fetch] = [
    transitionHost(situation),
    transitionHost({ ...situation, verdict: { ...verdict, direction: 'fetch' } }),
  ];
  return send === null || fetch === null ? null : { send, fetch };
}
