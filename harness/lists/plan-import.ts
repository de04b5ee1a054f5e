import type { Device } from '../vocabulary/device.ts';
import { isEmulated } from '../vocabulary/emulated.ts';
import type { Setting } from '../vocabulary/trial.ts';
import type { Row } from './list-row.ts';
import { createMatcher, type Match } from './match-device.ts';
import { foldMaker, nameOf } from './model-names.ts';
import { freeId, slugOf } from './name-device.ts';
import type { ListedFacts } from './render-device-file.ts';
import { UNKNOWN_VERSION, USUAL_KIND, USUAL_SETTING } from './usual-device.ts';

/** What becomes of one row. `why` is a sentence's end, for people. */
export type RowPlan =
  | {
      readonly kind: 'matched';
      readonly row: Row;
      readonly device: string;
      readonly confidence: number;
      readonly why: string;
    }
  | { readonly kind: 'new'; readonly row: Row; readonly device: string; readonly why: string }
  | { readonly kind: 'unclear'; readonly row: Row; readonly why: string };

export interface ImportPlan {
  /** One for each row, in their order. */
  readonly rows: readonly RowPlan[];
  /** A file for each model that nobody knew, or that an import before this one has written; with the rows that say so. */
  readonly files: readonly { readonly facts: ListedFacts; readonly rows: readonly number[] }[];
}

export interface KnownDevices {
  readonly known: readonly Device[];
  /** Those whose files an import has written, and whether a person has changed them since. */
  readonly imported: ReadonlyMap<string, 'ours' | 'edited'>;
}

/**
 * What an import of these rows would do. Rows of one maker and model are one device, whose versions and settings they
 * list in their order. The same rows over what the plan wrote give the same plan, with `matched` for `new`: what was
 * imported is only found by exactly its name, and nothing is concluded from it.
 */
export function planImport(rows: readonly Row[], { known, imported }: KnownDevices): ImportPlan {
  const { find } = createMatcher(known, new Set(imported.keys()));
  const context: Context = {
    makers: makersOf(known.filter((d) => !imported.has(d.id) && !isEmulated(d))),
    taken: new Set(known.map((d) => d.id)),
    imported,
  };
  const whole = rows.map((row) => withMaker(row, context.makers));
  const byName = new Map<string, { readonly first: Row; readonly plan: RowPlan }>();
  const plans = new Map<number, RowPlan>();
  // Ids that people have chosen come first: nothing else may take them, and other rows of the model follow them.
  for (const row of whole.toSorted((a, b) => Number(b.id !== '') - Number(a.id !== ''))) {
    const keys = [row.id === '' ? null : `id ${row.id}`, row.model === '' ? null : nameOf(row.vendor, row.model).pair];
    const own = keys.flatMap((key) => (key === null ? [] : [key]));
    const same = byName.get((row.id === '' ? own[0] : `id ${row.id}`) ?? '');
    const plan =
      same === undefined ? planRow(row, find(withKind(row, context)), context) : repeated(row, same.first, same.plan);
    plans.set(row.number, plan);
    if (plan.kind !== 'unclear') context.taken.add(plan.device);
    for (const key of own) if (!byName.has(key)) byName.set(key, { first: row, plan });
  }
  const ordered = rows.flatMap((row) => plans.get(row.number) ?? []);
  return { rows: ordered, files: planFiles(ordered, known, context) };
}

interface Context {
  /** Of the devices that no import has written: how makers are called, and what kinds each makes. */
  readonly makers: Makers;
  readonly taken: Set<string>;
  readonly imported: KnownDevices['imported'];
}

function planFiles(plans: readonly RowPlan[], known: readonly Device[], context: Context): ImportPlan['files'] {
  const devices = new Map(known.map((d) => [d.id, d]));
  const placed = plans.filter((plan) => plan.kind !== 'unclear');
  const own = placed.filter(({ device }) => context.imported.has(device) || !devices.has(device));
  return [...Map.groupBy(own, ({ device }) => device)].map(([id, group]) => {
    const rows = group.map((plan) => plan.row);
    return { facts: factsOf(id, rows, devices.get(id), context.makers), rows: rows.map((row) => row.number) };
  });
}

function planRow(row: Row, match: Match, context: Context): RowPlan {
  const unclear = (why: string): RowPlan => ({ kind: 'unclear', row, why });
  switch (match.kind) {
    case 'matched': {
      const { device, confidence } = match;
      return { kind: 'matched', row, device: device.id, confidence, why: whyMatched(match, row) };
    }
    case 'unclear': {
      const names = match.candidates.map((c) => `${c.device.id} (${percent(c.confidence)}, "${c.name}")`);
      const or = names.length === 1 ? 'is not like enough' : 'are about as likely';
      return unclear(`${names.join(', ')} ${or}; write the right id, or a new one, into a column "id"`);
    }
    case 'no-such-id':
      return planNew(row, null, context);
    case 'new':
      return planNew(row, match.family, context);
    default:
      return match satisfies never;
  }
}

function planNew(row: Row, family: Device | null, { makers, taken, imported }: Context): RowPlan {
  const unclear = (why: string): RowPlan => ({ kind: 'unclear', row, why });
  const { vendor: maker, model } = row;
  if (maker === '') return unclear('nobody says who makes it; fill in the maker');
  if (model === '') return unclear(`no device has the id "${row.id}"; give maker and model, too`);
  const usual = slugOf(`${maker} ${model}`);
  if (row.id === '' && imported.get(usual) === 'edited')
    return unclear(`a person has renamed ${usual}; add this name to its aliases, or write an id`);
  const { why } = kindOf(row, makers);
  const series = family === null ? [] : [`sources speak of its series in ${family.id}`];
  const device = row.id === '' ? freeId(usual, row, taken) : row.id;
  return { kind: 'new', row, device, why: [...(why === null ? [] : [why]), ...series].join('; ') };
}

function whyMatched({ confidence, name }: Extract<Match, { kind: 'matched' }>, row: Row): string {
  if (row.id !== '') return 'named by its id';
  return confidence === 1 ? `the same name as "${name}"` : `nearly the name "${name}"`;
}

function repeated(row: Row, first: Row, plan: RowPlan): RowPlan {
  const why = `the same model as row ${first.number}`;
  if (plan.kind === 'unclear') return { kind: 'unclear', row, why: `${why}, which is unclear` };
  const isTwin = JSON.stringify({ ...row, number: 0 }) === JSON.stringify({ ...first, number: 0 });
  const confidence = plan.kind === 'matched' ? plan.confidence : 1;
  return { kind: 'matched', row, device: plan.device, confidence, why: isTwin ? `row ${first.number} again` : why };
}

function percent(confidence: number): string {
  return `${Math.floor(confidence * 100)} %`;
}

interface Makers {
  /** Longest first. */
  readonly names: readonly string[];
  readonly kinds: ReadonlyMap<string, ReadonlySet<Device['kind']>>;
}

function makersOf(devices: readonly Device[]): Makers {
  const names = [...new Set(devices.map((d) => d.vendor))].toSorted((a, b) => b.length - a.length);
  const kinds = Map.groupBy(devices, (d) => foldMaker(d.vendor));
  return { names, kinds: new Map([...kinds].map(([maker, own]) => [maker, new Set(own.map((d) => d.kind))])) };
}

/** A row that names no maker, but a model that begins with one that we know; and a model without its maker before it. */
function withMaker(row: Row, { names }: Makers): Row {
  const vendor = row.vendor === '' ? (names.find((maker) => modelOf(row, maker) !== row.model) ?? '') : row.vendor;
  return { ...row, vendor, model: vendor === '' ? row.model : modelOf(row, vendor) };
}

function modelOf({ model }: Row, maker: string): string {
  return model.toLowerCase().startsWith(`${maker.toLowerCase()} `) ? model.slice(maker.length + 1).trim() : model;
}

/** With the kind that all known devices of the maker have, where the row says none. */
function withKind(row: Row, { makers }: Context): Row {
  const { kind, why } = kindOf(row, makers);
  return why === GUESS ? row : { ...row, kind };
}

/** As the row says; else what all known devices of the maker are; else what most of these lists are about. */
function kindOf(row: Row, makers: Makers): { readonly kind: Device['kind']; readonly why: string | null } {
  if (row.kind !== null) return { kind: row.kind, why: null };
  const kinds = [...(makers.kinds.get(foldMaker(row.vendor)) ?? [])];
  const [only] = kinds;
  if (only !== undefined && kinds.length === 1)
    return { kind: only, why: `kind "${only}", as all we know of this maker` };
  return { kind: USUAL_KIND, why: GUESS };
}

function factsOf(id: string, rows: readonly Row[], device: Device | undefined, makers: Makers): ListedFacts {
  const [first] = rows;
  if (first === undefined) throw new Error('a group without a row');
  const versions = [...new Set(rows.flatMap((row) => row.firmware ?? []))];
  const settings = [
    ...new Map(
      rows
        .flatMap((r) => r.setting ?? [])
        .toReversed()
        .map((s) => [s.id, s]),
    ).values(),
  ];
  const said = rows.find((row) => row.kind !== null) ?? first;
  return {
    id,
    vendor: device?.vendor ?? first.vendor,
    model: device?.model ?? first.model,
    kind: kindOf(said, makers).kind,
    versions: versions.length === 0 ? [UNKNOWN_VERSION] : versions,
    settings: settings.length === 0 ? [settingFor(rows)] : inOrder(settings, rows),
  };
}

/** The first that a row names comes first: as configured. */
function inOrder(settings: readonly Setting[], rows: readonly Row[]): readonly Setting[] {
  const order: string[] = rows.flatMap((row) => row.setting?.id ?? []);
  return settings.toSorted((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function settingFor(rows: readonly Row[]): Setting {
  const fetches = rows.every((row) => row.direction === 'fetch');
  return fetches ? { id: 'imap-starttls-143', protocol: 'imap', port: 143, security: 'starttls' } : USUAL_SETTING;
}

const GUESS = `kind "${USUAL_KIND}" is a guess`;
