import type { CriterionResult } from './judge-criteria.ts';
import type { CriterionText, Texts } from './texts.ts';

export const GERMAN: Texts = {
  title: 'Bereit für die Umstellung?',
  asOf: (day) => `Stand: ${day}`,
  when: ({ change, daysLeft, phase, policy, transitionUntil, transitionEnded }) => {
    if (change === null || daysLeft === null) return ['Für die Umstellung ist noch kein Tag festgelegt.'];
    const transition =
      transitionUntil === null
        ? []
        : [
            transitionEnded
              ? `Die Übergangsserver gab es bis ${transitionUntil}.`
              : `Die Übergangsserver gibt es bis ${transitionUntil}.`,
          ];
    if (daysLeft <= 0) {
      const since = daysLeft === 0 ? 'Die Umstellung ist heute' : `Die Umstellung war am ${change}`;
      return [`${since}.`, ...transition];
    }
    return [
      ...(phase === 'trial' ? ['Heute ist eine angekündigte Testabschaltung.'] : []),
      `Die Umstellung ist am ${change}, in ${daysLeft === 1 ? 'einem Tag' : `${daysLeft} Tagen`}.`,
      ...(policy === null ? [] : [`Dann gilt: ${policy}`]),
      ...transition,
    ];
  },
  ready: 'Empfehlung: umstellen',
  notReady: 'Empfehlung: noch nicht umstellen',
  readySince: 'Seit der Umstellung: alle Kriterien erfüllt',
  notReadySince: 'Seit der Umstellung: nicht alle Kriterien erfüllt',
  allMet: (count) => `Alle ${count} Kriterien sind erfüllt.`,
  decides: (name, found, required) => `Ausschlaggebend ist „${name}“: gefunden ${found}, verlangt ${required}.`,
  alsoUnmet: (names) => `Ebenfalls nicht erfüllt: ${names.map((n) => `„${n}“`).join(', ')}.`,
  columns: {
    criteria: ['Kriterium', 'Verlangt', 'Gefunden', 'Erfüllt'],
    counts: ['Ergebnis', 'Senden', 'Abrufen', 'Zusammen'],
    owners: ['Was es bedeutet', 'Grund', 'Was zu tun ist', 'Geräte'],
    rare: ['Gerät', 'Art', 'Ergebnis', 'Was zu tun ist'],
    changes: ['Was sich geändert hat', 'Woran es liegt', 'Wer dafür einsteht', 'Geräte'],
    proofs: ['Richtlinie', 'Ergebnis', 'Was die Server gezeigt haben', 'Wann und von welchen Servern'],
    abort: ['Abbruch, wenn …', 'Wo man es abliest'],
  },
  met: 'ja',
  notMet: 'nein',
  criterion,
  headings: {
    criteria: 'Die Kriterien',
    counts: 'Was geprüft ist',
    unknown: 'Was wir noch nicht wissen',
    blocks: 'Was im Weg steht, und was zu tun ist',
    rare: 'Geräte, deren E-Mails niemand vermisst, bis es darauf ankommt',
    changes: 'Was sich geändert hat',
    proofs: 'Ob die Server tun, was ihre Richtlinie sagt',
    abort: 'Wann abgebrochen wird',
    emulated: 'Nachgebildete Geräte',
  },
  coverage: {
    real: 'echte Geräte geprüft',
    emulated: 'nachgebildet, zählen nicht',
    predicted: 'nur berechnet',
    claimed: 'nur laut Quelle, nicht geprüft',
  },
  countsNote: 'Antworten echter Geräte; ein Gerät, das sendet und abruft, zählt in beiden Spalten.',
  noReal: 'Noch kein echtes Gerät wurde geprüft.',
  unknownWord: 'ohne klares Ergebnis',
  allAnswers: 'alle Antworten',
  noUnknown: 'Jede Antwort eines geprüften Geräts ist klar.',
  nothingBlocks: 'Kein geprüftes Gerät braucht etwas.',
  withoutCause: 'kein Grund bekannt',
  neverTested: 'noch nie geprüft, und keine Quelle nennt sie',
  more: (count) => `und ${count} weitere`,
  devices: (count) => (count === 1 ? '1 Gerät' : `${count} Geräte`),
  rareIntro:
    'Alarmanlagen, USV und andere Geräte, die selten senden: Fällt ihre E-Mail aus, merkt es niemand, bis sie gebraucht wird.',
  noRare: 'Kein solches Gerät ist bekannt.',
  rareUntested: 'Bekannt, aber nicht geprüft:',
  rareNoneTested: 'Keines wurde geprüft.',
  notTested: 'noch nicht geprüft',
  testedOn: (day, firmware) => `getestet am ${day} mit Firmware ${firmware}`,
  compared: (name, kind, day, run) =>
    `Verglichen wurde der Lauf ${run} mit ${kind === 'baseline' ? 'dem angenommenen Stand' : 'dem Lauf'} ${name} vom ${day}.`,
  notCompared:
    'Noch wurde mit keinem angenommenen Stand verglichen. „cutover baseline accept“ nimmt einen Lauf an, „cutover run --baseline“ vergleicht.',
  noChanges: 'An echten Geräten hat sich nichts geändert.',
  changeCounts: (open, accepted, added, missing) =>
    `An echten Geräten: offen ${open}, angenommen ${accepted}, neue Fragen ${added}, diesmal nicht gestellt ${missing}.`,
  changes: {
    same: 'unverändert',
    regressed: 'ging, geht nicht mehr',
    fixed: 'ging nicht, geht jetzt',
    changed: 'andere Antwort',
    flaky: 'schwankt',
    new: 'neu',
    missing: 'diesmal nicht gefragt',
  },
  excuseFaults: {
    expired: 'Die Ausnahme ist abgelaufen',
    'matches-nothing': 'Die Ausnahme passt zu keiner Frage',
    'works-again': 'Die Ausnahme ist überflüssig, es geht wieder',
  },
  excuse: ({ reason, owner }, day) => `${owner}, bis ${day}: ${reason}`,
  open: 'niemand',
  rate: (worked, asked) => `${worked} von ${asked} Versuchen gingen`,
  reason: (what) => REASONS[what],
  absent: 'nichts',
  lost: 'entfallen:',
  gained: 'neu:',
  otherOrder: 'andere Reihenfolge',
  found: (found, cause) => {
    if (found === undefined) return '–';
    const silent = found.silent === true ? ', das Gerät meldet trotzdem Erfolg' : '';
    return `${OUTCOMES[found.outcome]}${cause === null ? '' : ` (${cause})`}${silent}`;
  },
  noProof: 'kein Nachweis',
  proofBy: (servers, day, ageDays) =>
    `${day} (${ageDays === 0 ? 'am selben Tag' : `vor ${ageDays === 1 ? 'einem Tag' : `${ageDays} Tagen`}`}), ${servers}`,
  asPolicySays: 'tun, was die Richtlinie sagt',
  contradictions: (sentences) => `widersprechen ihr: ${sentences.join(' ')}`,
  proofFacts: (ports, accepted, refused, plaintext, delivers) =>
    [
      `${ports} Ports`,
      ...(accepted === '' ? [] : [`angenommen: ${accepted}`]),
      ...(refused === '' ? [] : [`abgelehnt: ${refused}`]),
      `unverschlüsselt: ${plaintext.map((p) => (p === 'refused' ? 'abgelehnt' : 'angenommen')).join(' und ')}`,
      delivers ? 'E-Mails kommen an' : 'nicht überall kam eine E-Mail an',
    ].join('; '),
  abortIntro: 'Trifft eines davon zu, wird die Umstellung abgebrochen oder zurückgenommen.',
  emulatedBanner: 'Beispieldaten: Diese Geräte sind nachgebildet. Für echte Modelle gelten ihre Ergebnisse nicht.',
  test: 'im Labor prüfen',
  emulatedIntro: 'Sie zeigen, dass die Prüfung richtig arbeitet. Für die Empfehlung zählen sie nicht.',
  emulatedOpen: (count) =>
    count === 1
      ? 'Eine Abweichung, für die niemand einsteht: Liegt es an der Prüfung?'
      : `${count} Abweichungen, für die niemand einsteht: Liegt es an der Prüfung?`,
  evidence: 'Belege',
  runRecords: 'Lauf',
  comparisonFile: 'Vergleich',
  footer:
    'Die Zahlen und Sätze, nach denen diese Seite entscheidet, stehen in reports/readiness/criteria.yaml. Entscheiden müssen Menschen.',
};

/** What is asked for, and what was found. */
function criterion(c: CriterionResult, modeName: (id: string) => string): CriterionText {
  switch (c.id) {
    case 'real-devices':
      return {
        name: 'Echte Geräte geprüft',
        required: `mindestens ${c.atLeast}`,
        found: c.found === 0 ? 'keines' : String(c.found),
      };
    case 'unknown':
      return {
        name: 'Antworten ohne klares Ergebnis',
        required: `höchstens ${decimal(c.atMostPercent)} %`,
        found: c.of === 0 ? 'noch keine Antwort' : `${c.found} von ${c.of} (${decimal((100 * c.found) / c.of)} %)`,
      };
    case 'stops-working':
      return {
        name: 'Geräte, für die kein Weg bleibt',
        required: `höchstens ${c.atMost}`,
        found: c.met || c.found > 0 ? String(c.found) : 'noch nicht bekannt',
      };
    case 'rare-senders':
      return {
        name: 'Alarmanlagen, USV und andere seltene Sender ohne geprüften Weg',
        required: `höchstens ${c.atMost}`,
        found:
          c.untested > 0
            ? `von ${c.untested} bekannten keines geprüft`
            : c.met || c.found > 0
              ? String(c.found)
              : 'noch nicht bekannt',
      };
    case 'changes':
      return {
        name: 'Abweichungen, für die niemand einsteht',
        required: `höchstens ${c.atMost}`,
        found: c.found === null ? 'noch mit keinem angenommenen Stand verglichen' : String(c.found),
      };
    default:
      return {
        name: 'Nachweis, dass die Server tun, was ihre Richtlinie sagt',
        required: `höchstens ${c.atMostDays === 1 ? 'einen Tag' : `${c.atMostDays} Tage`} alt, ${PROVEN_BY[c.engine]}`,
        found: c.met
          ? 'liegt vor'
          : c.wanting.map((f) => `${modeName(f.mode)}: ${PROOF_FAULTS[f.why]}`).join('; ') || 'fehlt',
      };
  }
}

const OUTCOMES = {
  works: 'geht',
  fails: 'geht nicht',
  inconclusive: 'kein klares Ergebnis',
  'not-run': 'nicht geprüft',
} as const;

const REASONS = {
  firmware: 'Firmware',
  'device-facts': 'Angaben zum Gerät',
  mode: 'Richtlinie der Server',
  server: 'Software der Server',
  harness: 'Prüfprogramm',
  'nothing-known': 'keine Ursache bekannt',
} as const;

const PROOF_FAULTS = {
  none: 'kein Nachweis',
  engine: 'nicht von den verlangten Servern',
  old: 'zu alt',
  contradicts: 'tut etwas anderes',
} as const;

const PROVEN_BY = {
  embedded: 'von beliebigen Servern',
  containers: 'von Postfix und Dovecot oder von den Servern selbst',
  hosts: 'von den Servern selbst',
} as const;

/** With a comma, one digit behind it at most. */
function decimal(value: number): string {
  return String(Math.round(value * 10) / 10).replace('.', ',');
}
