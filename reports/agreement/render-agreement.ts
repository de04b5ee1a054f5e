import type { Language } from '../../harness/cause-texts.ts';
import type { Bilingual } from '../../harness/vocabulary/trial.ts';
import { kindWord } from '../device-words.ts';
import type { Agreement, AgreementPair, AgreementRow } from './agreement.ts';

/** One sentence a pair, with the denominator, and one with what nobody knows: for pages. */
export function agreementSentences(agreement: Agreement): readonly Bilingual[] {
  const sums = sumsOf(agreement.rows).map(({ title, agree, of }) => ({
    de: `${title.de}: ${agree} von ${of} stimmen überein.`,
    en: `${capital(title.en)}: ${agree} of ${of} agree.`,
  }));
  const { answers, measured, claimedOnly, unknown } = agreement.counts;
  return [
    ...sums,
    {
      de: `Von ${answers} Antworten sind ${measured} von uns getestet, ${claimedOnly} nur laut Quelle, ${unknown} noch offen.`,
      en: `Of ${answers} answers ${measured} were tested by us, ${claimedOnly} are according to a source only, ${unknown} are open.`,
    },
  ];
}

/** Behind "Real programs in containers" a title goes on in the sentence. */
function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The same for a terminal, by kind, with the devices where they do not agree. */
export function renderAgreement(agreement: Agreement, language: Language): string {
  const rows = sumsOf(agreement.rows).flatMap(({ title, own, agree, of }) => [
    `${capital(title[language])}: ${fraction(agree, of, language)}`,
    ...own.map((row) => {
      const against = row.against.length === 0 ? '' : ` (${AGAINST[language]}: ${row.against.join(', ')})`;
      return `  ${kindWord(row.kind, language)}: ${fraction(row.agree, row.of, language)}${against}`;
    }),
  ]);
  const compared = agreement.rows.some((row) => row.pair !== 'claims');
  const last = agreementSentences(agreement).at(-1)?.[language] ?? '';
  return [...rows, ...(compared ? [] : [NOTHING[language]]), last].join('\n');
}

interface Sum {
  readonly title: Bilingual;
  readonly own: readonly AgreementRow[];
  readonly agree: number;
  readonly of: number;
}

function sumsOf(rows: readonly AgreementRow[]): readonly Sum[] {
  return (['device', 'program'] as const).flatMap((subject) =>
    PAIRS.flatMap((pair): readonly Sum[] => {
      const own = rows.filter((r) => r.subject === subject && r.pair === pair);
      if (own.length === 0) return [];
      const agree = own.reduce((sum, r) => sum + r.agree, 0);
      const of = own.reduce((sum, r) => sum + r.of, 0);
      const title = subject === 'device' ? TITLES[pair] : withPrefix(TITLES[pair]);
      return [{ title, own, agree, of }];
    }),
  );
}

function fraction(agree: number, of: number, language: Language): string {
  return language === 'de' ? `${agree} von ${of}` : `${agree} of ${of}`;
}

function withPrefix({ de, en }: Bilingual): Bilingual {
  return { de: `Echte Programme in Containern, ${de}`, en: `Real programs in containers, ${en}` };
}

const PAIRS: readonly AgreementPair[] = ['claimed-measured', 'predicted-measured', 'claimed-predicted', 'claims'];

const TITLES: Readonly<Record<AgreementPair, Bilingual>> = {
  'claimed-measured': { de: 'Quellen und unsere Tests', en: 'sources and our tests' },
  'predicted-measured': { de: 'Berechnungen und unsere Tests', en: 'predictions and our tests' },
  'claimed-predicted': { de: 'Quellen und Berechnungen', en: 'sources and predictions' },
  claims: { de: 'Quellen untereinander', en: 'sources among themselves' },
};

const AGAINST: Bilingual = { de: 'anders bei', en: 'not for' };
const NOTHING: Bilingual = {
  de: 'Noch kein echtes Gerät und kein echtes Programm wurde getestet, von dem eine Quelle spricht.',
  en: 'No real device or program that a source speaks of was tested yet.',
};
