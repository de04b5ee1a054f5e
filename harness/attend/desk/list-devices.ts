import { Device } from '../../vocabulary/device.ts';
import { isEmulated } from '../../vocabulary/emulated.ts';
import type { Setting } from '../../vocabulary/trial.ts';
import { UNKNOWN_VERSION, USUAL_SETTING } from './as-button.ts';
import type { Row } from './list-columns.ts';
import type { ListedDevice } from './render-view.ts';

/** Rows whose kind nobody says are what most of these lists are about. */
const USUAL_KIND: Device['kind'] = 'mfp';

/**
 * The devices of a list, in its order. A row of a known maker and model takes its file's id, kind, menus and words, so
 * that what is measured speaks of that model; a second one of the same model gets an id of its own.
 */
export function createListed(rows: readonly Row[], known: readonly Device[]): readonly ListedDevice[] {
  const groups = Map.groupBy(rows, (r) => JSON.stringify([r.vendor, r.model, r.place, r.inventory].map(fold)));
  const taken = new Set<string>();
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const base = findKnown(first, known);
    const id = freeId(base?.id ?? slugOf(`${first.vendor} ${first.model}`), first, taken);
    taken.add(id);
    const note = [first.place, first.inventory].filter((text) => text !== '').join(' · ');
    return [{ device: createDevice(id, own, first, base), note }];
  });
}

function createDevice(id: string, rows: readonly Row[], first: Row, base: Device | undefined): Device {
  const [installed, ...older] = base?.firmware ?? [];
  const { settings: ownSettings, ...version } = installed ?? { version: UNKNOWN_VERSION };
  const known = ownSettings ?? base?.settings ?? [];
  const directions = new Set(rows.flatMap((r) => r.direction ?? []));
  const named = rows.flatMap(({ setting }) => (setting === null ? [] : [withMenu(setting, known)]));
  const settings = uniqueSettings([...named, ...known]).filter(
    ({ protocol }) => directions.size === 0 || directions.has(protocol === 'smtp' ? 'send' : 'fetch'),
  );
  const emulated = base !== undefined && isEmulated(base);
  return Device.parse({
    ...base,
    id,
    vendor: base?.vendor ?? first.vendor,
    model: base?.model ?? first.model,
    kind: first.kind ?? base?.kind ?? USUAL_KIND,
    // What is emulated is built from its version: a list cannot change that.
    firmware: [{ ...version, version: (emulated ? null : first.firmware) ?? version.version }, ...older],
    settings: settings.length === 0 ? [USUAL_SETTING] : settings,
    reach: emulated ? base.reach : { driver: 'button' },
  });
}

function findKnown(row: Row, known: readonly Device[]): Device | undefined {
  const said = [`${row.vendor} ${row.model}`, row.model].map(fold);
  const isNamed = (d: Device) =>
    said.includes(fold(`${d.vendor} ${d.model}`)) || d.aliases.some((a) => said.includes(fold(a)));
  return known.find((d) => (fold(d.vendor) === fold(row.vendor) && fold(d.model) === fold(row.model)) || isNamed(d));
}

function withMenu(setting: Setting, known: readonly Setting[]): Setting {
  const same = known.find((k) => k.protocol === setting.protocol && k.port === setting.port);
  const near = same ?? known.find((k) => k.protocol === setting.protocol);
  return near?.menu === undefined ? setting : { ...setting, menu: near.menu };
}

/** The first of those that enter the same. Ids stay apart, too: a trial's id holds them. */
function uniqueSettings(settings: readonly Setting[]): readonly Setting[] {
  const byEntry = new Map(
    settings.toReversed().map((s) => [`${s.protocol} ${s.port} ${s.security} ${s.host ?? ''} ${s.auth ?? ''}`, s]),
  );
  return [...new Map([...byEntry.values()].map((s) => [s.id, s])).values()].toReversed();
}

function freeId(wanted: string, row: Row, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const own = slugOf(`${wanted} ${row.inventory === '' ? row.place : row.inventory}`);
  if (!taken.has(own)) return own;
  for (let n = 2; ; n++) if (!taken.has(`${wanted}-${n}`)) return `${wanted}-${n}`;
}

/** An id as device files have it: lower-case letters and digits, joined by "-". */
function slugOf(text: string): string {
  const plain = fold(text)
    .replaceAll('ä', 'ae')
    .replaceAll('ö', 'oe')
    .replaceAll('ü', 'ue')
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.slice(0, 80).replace(/-+$/, '') || 'device';
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
