import type { Language } from '../../harness/cause-texts.ts';
import type { ChangeKind, ExcuseFault } from '../../harness/vocabulary/comparison.ts';
import type { Outcome } from '../../harness/vocabulary/finding.ts';
import type { Role } from '../../harness/vocabulary/trial.ts';

/** Words of the Allure page that are ours; what Allure says itself is its `reportLanguage`. */
export interface Words {
  readonly sample: string;
  readonly connection: string;
  readonly late: string;
  readonly plaintext: string;
  readonly encrypted: string;
  offers(version: string): string;
  alertFrom(number: string, side: string): string;
  endedBy(side: string): string;
  readonly noConnection: string;
  readonly dialogue: string;
  readonly offered: string;
  readonly answered: string;
  readonly certificate: string;
  readonly alert: string;
  readonly ended: string;
  readonly server: string;
  readonly device: string;
  readonly decided: string;
  readonly controls: string;
  readonly counterTest: string;
  readonly unchanged: string;
  readonly gone: string;
  readonly helloExplained: string;
  readonly what: string;
  readonly why: string;
  readonly todo: string;
  readonly evidence: string;
  readonly confirm: string;
  readonly byEngine: string;
  readonly elsewhere: string;
  readonly traits: string;
  readonly deviceLabel: string;
  readonly otherSetting: string;
  readonly viaRelay: string;
  readonly withoutCause: string;
  readonly asExpected: string;
  /** Of scenarios by id; empty where direction and setting in the name say it already. One of a user's own has none. */
  readonly scenarios: Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<Role, string>>;
  readonly outcomes: Readonly<Record<Outcome, string>>;
  readonly change: string;
  readonly changes: Readonly<Record<ChangeKind, string>>;
  readonly excuseFaults: Readonly<Record<ExcuseFault, string>>;
  accepted(until: string): string;
  rate(worked: number, asked: number): string;
}

const SIDES_DE: Readonly<Record<string, string>> = {
  client: 'der Geräteseite',
  server: 'der Serverseite',
  tap: 'der Prüfung',
  nobody: 'niemandem',
};

const SAID_BY_NAME = { submit: '', 'submit-other-settings': '', fetch: '', 'fetch-other-settings': '' };

export const WORDS: Readonly<Record<Language, Words>> = {
  de: {
    sample: 'BEISPIELDATEN',
    connection: 'Verbindung',
    late: 'nach Ende der Prüfung',
    plaintext: 'unverschlüsselt',
    encrypted: 'verschlüsselt',
    offers: (version) => `bietet ${version} an`,
    alertFrom: (number, side) => `Alarm ${number} von ${SIDES_DE[side] ?? side}`,
    endedBy: (side) => `beendet von ${SIDES_DE[side] ?? side}`,
    noConnection: 'Keine Verbindung gesehen',
    dialogue: 'Dialog vor der Verschlüsselung',
    offered: 'Das Gerät bietet an (ClientHello)',
    answered: 'Der Server wählt (ServerHello)',
    certificate: 'Zertifikat',
    alert: 'TLS-Alarm',
    ended: 'Ende',
    server: 'Was der Server sagt',
    device: 'Was das Gerät sagt',
    decided: 'Was entschieden hat',
    controls: 'Kontrollen',
    counterTest: 'Gegenprobe',
    unchanged: 'derselbe Modus unverändert, eingebauter Server',
    gone: 'Datei nicht mehr vorhanden',
    helloExplained: 'ClientHello, erklärt',
    what: 'Was passiert ist',
    why: 'Warum',
    todo: 'Was zu tun ist',
    evidence: 'Woran man es sieht',
    confirm: 'Wie man es bestätigt',
    byEngine: 'Gesamtantwort je Engine; die erste zählt',
    elsewhere: 'Dieselbe Frage auf der Engine',
    traits: 'Eigenheiten dieses Servers',
    deviceLabel: 'Gerät',
    otherSetting: 'andere Einstellung',
    viaRelay: 'über ein Relais',
    withoutCause: 'Ohne benannten Grund',
    asExpected: 'abgewiesen, wie erwartet',
    scenarios: { ...SAID_BY_NAME, 'scan-10mb': 'Scan von 10 MB' },
    roles: {
      question: 'Frage',
      'control-forgiving': 'Kontrolle: nachgiebiger Server',
      'control-refused': 'Kontrolle: abgewiesene Verbindung',
      'counter-test': 'Gegenprobe',
    },
    outcomes: { works: 'geht', fails: 'geht nicht', inconclusive: 'kein klares Ergebnis', 'not-run': 'nicht geprüft' },
    change: 'Gegenüber dem Vergleichsstand',
    changes: {
      same: 'unverändert',
      regressed: 'ging, geht nicht mehr',
      fixed: 'ging nicht, geht jetzt',
      changed: 'andere Antwort',
      flaky: 'schwankt: unverändert gefragt, verschiedene Antworten',
      new: 'neu',
      missing: 'diesmal nicht gefragt',
    },
    excuseFaults: {
      expired: 'Ausnahme abgelaufen',
      'matches-nothing': 'Ausnahme passt zu keiner Frage',
      'works-again': 'Ausnahme überflüssig: geht wieder',
    },
    accepted: (until) => `als Ausnahme angenommen bis ${until}`,
    rate: (worked, asked) => `${asked}-mal unverändert gefragt, ${worked}-mal ging es`,
  },
  en: {
    sample: 'SAMPLE DATA',
    connection: 'Connection',
    late: 'after the trial had ended',
    plaintext: 'in the clear',
    encrypted: 'encrypted',
    offers: (version) => `offers ${version}`,
    alertFrom: (number, side) => `alert ${number} from the ${side}`,
    endedBy: (side) => `ended by ${side}`,
    noConnection: 'No connection seen',
    dialogue: 'Dialogue before encryption',
    offered: 'The device offers (ClientHello)',
    answered: 'The server chooses (ServerHello)',
    certificate: 'Certificate',
    alert: 'TLS alert',
    ended: 'End',
    server: 'What the server says',
    device: 'What the device says',
    decided: 'What decided',
    controls: 'Controls',
    counterTest: 'Counter-test',
    unchanged: 'the same mode unchanged, embedded server',
    gone: 'File is gone',
    helloExplained: 'ClientHello, explained',
    what: 'What happened',
    why: 'Why',
    todo: 'What to do',
    evidence: 'What the evidence shows',
    confirm: 'How to confirm',
    byEngine: 'Verdict by engine; the first one counts',
    elsewhere: 'The same question on engine',
    traits: 'Peculiarities of this server',
    deviceLabel: 'device',
    otherSetting: 'other setting',
    viaRelay: 'through a relay',
    withoutCause: 'Without a named cause',
    asExpected: 'refused, as expected',
    scenarios: { ...SAID_BY_NAME, 'scan-10mb': 'scan of 10 MB' },
    roles: {
      question: 'Question',
      'control-forgiving': 'Control: forgiving server',
      'control-refused': 'Control: refused connection',
      'counter-test': 'Counter-test',
    },
    outcomes: { works: 'works', fails: 'fails', inconclusive: 'inconclusive', 'not-run': 'not run' },
    change: 'Compared with the accepted state',
    changes: {
      same: 'unchanged',
      regressed: 'worked, does not any more',
      fixed: 'did not work, works now',
      changed: 'another answer',
      flaky: 'flaky: asked unchanged, different answers',
      new: 'new',
      missing: 'not asked this time',
    },
    excuseFaults: {
      expired: 'excuse expired',
      'matches-nothing': 'excuse matches no question',
      'works-again': 'excuse not needed: works again',
    },
    accepted: (until) => `accepted until ${until}`,
    rate: (worked, asked) => `asked unchanged ${asked} times, worked ${worked} times`,
  },
};
