import type { Claim, Source } from '../../harness/vocabulary/claim.ts';
import type { Device } from '../../harness/vocabulary/device.ts';
import type { Answer, Claimed, Known } from './answers.ts';
import { foldText, isFiller, splitWords } from './search-words.ts';

/** What is shown of a device beside its verdicts. */
export interface Facts {
  readonly claims: readonly Claim[];
  readonly menus: Device['menus'];
  readonly errors: Device['errors'];
  /** What the device calls each kind of encryption. */
  readonly words: Device['words'];
  readonly recognition?: Device['recognition'];
  /** Of all of them, how many are not shown. */
  readonly left: { readonly claims: number; readonly errors: number; readonly others: number };
}

export interface Wanted {
  /** As typed: may hold the text of an error. */
  readonly query: string;
  /** What the owner has told: menus of another system are of no use. */
  readonly known: Known;
  /** Something has to be entered in the device. */
  readonly changing: boolean;
  readonly all: boolean;
}

/** Who is on the phone hears what the answer follows from, where to enter it, and the error that was asked for. */
export function chooseFacts({ device, directions, claims }: Answer, { query, known, changing, all }: Wanted): Facts {
  const { menus, errors, words, recognition } = device;
  if (all) {
    const left = { claims: device.claims.length - claims.length, errors: 0, others: 0 };
    return { claims, menus, errors, words, ...(recognition && { recognition }), left };
  }
  const open = directions.some((d) => d.question !== null);
  const said = [
    ...new Set(
      directions
        .flatMap((d) => d.claimed)
        .toSorted(byTrust)
        .map((c) => c.claim),
    ),
  ];
  const telling = open ? [] : (directions.length === 0 ? claims : said).slice(0, MOST_CLAIMS);
  const fitting = menus.filter(({ when }) => when?.os === undefined || known.os === undefined || when.os === known.os);
  const ways = changing ? fitting.slice(0, MOST_MENUS) : [];
  const asked = errors.filter((e) => isAsked(e.text, query, device));
  const otherWays = menus.length - ways.length + (recognition === undefined ? 0 : 1);
  return {
    claims: telling,
    menus: ways,
    errors: asked,
    words: changing ? words : {},
    left: {
      claims: device.claims.length - telling.length,
      errors: errors.length - asked.length,
      others: otherWays + (changing ? 0 : Object.keys(words).length),
    },
  };
}

export function sourcesOf({ claims, menus, errors }: Facts): readonly Source[] {
  return [...errors, ...claims, ...menus].map(({ source }) => source);
}

const MOST_CLAIMS = 3;
const MOST_MENUS = 3;

function byTrust(a: Claimed, b: Claimed): number {
  return TRUST.indexOf(b.claim.source.confidence) - TRUST.indexOf(a.claim.source.confidence);
}

const TRUST = ['forum', 'third-party-documented', 'vendor-documented'];

/** The query holds the whole text, or one of its words that does not name the device. */
function isAsked(text: string, query: string, { vendor, model, aliases }: Device): boolean {
  const [folded, typed] = [foldText(text), foldText(query)];
  if (typed.includes(folded)) return true;
  const names = foldText([vendor, model, ...aliases].join(' '));
  return splitWords(typed).some(
    (w) => w.length >= SHORTEST && !isFiller(w) && !names.includes(w) && folded.includes(w),
  );
}

/** Shorter words stand inside of others. */
const SHORTEST = 4;
