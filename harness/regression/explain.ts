import { isTrouble } from '../causes.ts';
import type { Reason } from '../vocabulary/comparison.ts';
import type { Cause } from '../vocabulary/finding.ts';
import { differingPaths } from './differing-paths.ts';
import { settingOf } from './facts-of-device.ts';
import type { Answer, Traits } from './state.ts';
import { type Weight, weighModeChange } from './weigh-mode-change.ts';

interface Weighed {
  readonly reason: Reason;
  readonly weight: Weight;
}

/**
 * What explains that a question has another answer: everything recorded that is not the same on both sides and that
 * this device can have met. Where one of the mode's keys is what the cause speaks of, other programs' versions are not
 * blamed beside it; a change of the device always is. Nothing left: `nothing-known`.
 */
export function explain(before: Answer, after: Answer): readonly Reason[] {
  const all = [
    ...ofDevice(before, after),
    ...ofMode(before, after),
    ...ofServer(before, after),
    ...ofHarness(before, after),
  ];
  const able = all.filter(({ weight }) => weight !== 'cannot');
  const decided = able.some(({ weight }) => weight === 'decides');
  const blamed = able.filter(({ weight, reason }) => !decided || weight === 'decides' || OF_DEVICE.has(reason.what));
  return blamed.length > 0 ? blamed.map(({ reason }) => reason) : [{ what: 'nothing-known' }];
}

const OF_DEVICE: ReadonlySet<Reason['what']> = new Set(['firmware', 'device-facts']);

/** Firmware first: what it is built from changes with it. */
function ofDevice(before: Answer, after: Answer): readonly Weighed[] {
  const firmware: readonly Weighed[] =
    before.firmware === after.firmware
      ? []
      : [{ reason: { what: 'firmware', path: 'version', from: before.firmware, to: after.firmware }, weight: 'may' }];
  if (before.facts === null || after.facts === null) return firmware;
  const setting: readonly Weighed[] =
    before.setting === after.setting
      ? []
      : [
          {
            reason: { what: 'device-facts', path: 'settings', from: before.setting, to: after.setting },
            weight: 'may',
          },
        ];
  // Only who gives up too early is helped by more time.
  const isLate = [before, after].some(({ found }) => isTrouble(found.cause));
  return [
    ...firmware,
    ...setting,
    ...differingPaths(factsOfQuestion(before, isLate), factsOfQuestion(after, isLate))
      // Firmware is what it is built from, and another setting another port.
      .filter(({ path }) => firmware.length === 0 || !/^(?:emulated|container)\b/.test(path))
      .filter(({ path }) => setting.length === 0 || !path.startsWith('settings.'))
      .map(({ path, from, to }) => ({
        reason: { what: 'device-facts' as const, path, ...given({ from, to }) },
        weight: weighFact(path, before, after),
      })),
  ];
}

/** What of its device's file a question has to do with. */
function factsOfQuestion(answer: Answer, withPatience: boolean): object {
  const { facts, firmware, setting } = answer;
  if (facts === null) return {};
  const { settings: _, ...built } = facts.firmware[firmware] ?? {};
  const { patience, ...common } = facts.common;
  return {
    ...common,
    ...built,
    ...(withPatience ? { patience } : {}),
    settings: { [setting]: settingOf(answer) },
  };
}

const OF_CERTIFICATES: ReadonlySet<Cause | undefined> = new Set<Cause>([
  'certificate-untrusted',
  'certificate-dates',
  'certificate-name',
  'certificate-key',
  'connection-dropped',
]);

function weighFact(path: string, before: Answer, after: Answer): Weight {
  const isOfTrust = path === 'trust' && [before, after].some(({ found }) => OF_CERTIFICATES.has(found.cause));
  return isOfTrust ? 'decides' : 'may';
}

function ofMode(before: Answer, after: Answer): readonly Weighed[] {
  return differingPaths(before.context.modes[before.mode], after.context.modes[after.mode]).map((change) => ({
    reason: { what: 'mode', path: change.path, ...given(change) },
    weight: weighModeChange(change, before, after),
  }));
}

/** What a server showed is blamed only as far as its mode did not ask for another thing. */
function ofServer(before: Answer, after: Answer): readonly Weighed[] {
  const [from, to] = [before, after].map(({ context, mode }) => context.servers[mode]);
  if (from === undefined || to === undefined) return ofLibrary(before, after);
  const isSameMode = differingPaths(before.context.modes[before.mode], after.context.modes[after.mode]).length === 0;
  const [a, b] = isSameMode ? knownOfBoth(from, to) : [from, to].map((t) => withinBoth(t, before, after));
  return [
    ...ofLibrary(before, after),
    ...differingPaths(a, b).map(({ path, ...sides }) => ({
      reason: { what: 'server' as const, path, ...given(sides) },
      weight: 'may' as const,
    })),
  ];
}

/** A baseline that was accepted before versions were noted does not say that they have changed. */
function knownOfBoth(from: Traits, to: Traits): readonly [Traits, Traits] {
  if (from['software'] !== undefined && to['software'] !== undefined) return [from, to];
  const [{ software: _, ...old }, { software: _now, ...now }] = [from, to];
  return [old, now];
}

/** The embedded servers speak with the TLS library of the process. */
function ofLibrary(before: Answer, after: Answer): readonly Weighed[] {
  const [from, to] = [before, after].map(({ context }) => context.harness.openssl);
  if (after.engine !== 'embedded' || from === to) return [];
  return [{ reason: { what: 'server', path: 'openssl', from, to }, weight: 'may' }];
}

/** Suites that both versions of the mode list: of others a server cannot have shown the same. */
function withinBoth(traits: Traits, before: Answer, after: Answer): object {
  const [old, now] = [before, after].map(({ context, mode }) => listOf(context.modes[mode]?.['suites']));
  return { suites: listOf(traits['suites']).filter((s) => old?.includes(s) === true && now?.includes(s) === true) };
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function ofHarness(before: Answer, after: Answer): readonly Weighed[] {
  const [from, to] = [before, after].map(({ context, engine }) => {
    const { openssl, ...own } = context.harness;
    return engine === 'embedded' ? own : { ...own, openssl };
  });
  return differingPaths(from, to).map(({ path, ...sides }) => ({
    reason: { what: 'harness', path, ...given(sides) },
    weight: 'may',
  }));
}

/** JSON knows no undefined. */
function given({ from, to }: { readonly from: unknown; readonly to: unknown }): { from?: unknown; to?: unknown } {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
