import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Setting } from '../../harness/vocabulary/trial.ts';
import type { ReportInput } from '../contract.ts';
import { sampleInput } from '../fixtures/sample-input.ts';
import { writeAll } from '../write-all.ts';
import { readEditorial } from './editorial.ts';
import { composeFaq, faq } from './faq.ts';
import { fillIn } from './fill-in.ts';
import { MODES } from '../fixtures/run.ts';
import { Device } from '../../harness/vocabulary/device.ts';
import { scheduleOf } from '../phase.ts';
import { renderFragment } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';

const EDITORIAL = readEditorial();
const markdown = (part: Partial<ReportInput>, language: 'de' | 'en' = 'de') =>
  renderMarkdown(composeFaq(sampleInput('/none', { samples: true, ...part }), EDITORIAL, language));
const fragment = (part: Partial<ReportInput>, language: 'de' | 'en' = 'de') =>
  renderFragment(composeFaq(sampleInput('/none', { samples: true, ...part }), EDITORIAL, language), language);
const on = (day: string) => ({ asOf: new Date(day) });

test('both languages, each as Markdown, as a fragment and for search engines', async () => {
  const out = await mkdtemp(join(tmpdir(), 'cutover-faq-'));
  expect(await writeAll(sampleInput(out), [faq])).toEqual([{ report: 'faq', fault: null }]);
  expect((await readdir(join(out, 'faq'))).sort()).toEqual([
    'faq.de.html',
    'faq.de.jsonld',
    'faq.de.md',
    'faq.en.html',
    'faq.en.jsonld',
    'faq.en.md',
  ]);
  await rm(out, { recursive: true });
});

const published = (part: Partial<ReportInput>) =>
  renderMarkdown(composeFaq(sampleInput('/none', part), EDITORIAL, 'de'));

test('it begins with banner and count while nothing but emulated devices is known, or as they are asked for', () => {
  const unsaid = { devices: sampleInput('/none').devices.map((d) => ({ ...d, claims: [] })) };
  expect(published(unsaid)).toMatch(/^## .*\n\n> \*\*Beispieldaten: Bisher wurden nur nachgebildete/);
  const [, banner, count] = markdown({}).split('\n\n');
  expect(banner).toMatch(/^> \*\*Beispieldaten: Ein Teil der Geräte/);
  expect(count).toBe('0 echte Geräte getestet, 9 nachgebildet, 1 nur laut Quelle.');
});

test('emulated devices stay out as soon as a source speaks of a real one', () => {
  const text = published({});
  expect(text).not.toMatch(/Beispieldaten|Musterwerk/);
  expect(text).toContain('Altwerk Print 12');
});

test('with the first real device the emulated ones and the banner are gone', () => {
  const { verdicts } = sampleInput('/none');
  const real = { ...verdicts[0]!, device: 'aw-print-12', emulated: false };
  const text = published({ verdicts: [...verdicts, real] });
  expect(text).not.toMatch(/Beispieldaten|Musterwerk/);
  expect(text).toContain('1 echtes Gerät getestet');
  expect(text).toContain('von uns getestet mit Firmware'.replace('v', 'V'));
});

test.for([
  ['2025-02-01', /Ab dem 05\.03\.2025 nehmen unsere Mailserver/, true],
  ['2025-02-12', /Heute ist eine angekündigte Testabschaltung/, true],
  ['2025-04-01', /Seit dem 05\.03\.2025 .*Übergangsserver/s, true],
  ['2025-06-01', /Die Übergangszeit ist vorbei/, false],
] as const)(
  'on %s it says what holds, and names the transition server only while it lasts',
  ([day, says, transition]) => {
    const text = markdown(on(day));
    expect(text).toMatch(says);
    expect(text.includes('-alt.mail.example')).toBe(transition);
    expect(fragment(on(day)).includes('-alt.mail.example')).toBe(transition);
  },
);

test('every verdict has its table, with the settings to enter', () => {
  for (const language of ['de', 'en'] as const) {
    const headings = [...fragment({}, language).matchAll(/<h3>(.*?)<\/h3>/g)].map(([, text]) => text);
    expect(headings).toHaveLength(7);
  }
  const row = markdown({})
    .split('\n')
    .find((line) => line.includes('Kamera Tür'));
  expect(row).toContain('Menü am Gerät: Einstellungen \\> Netzwerk \\> E-Mail<br>');
  expect(row).toContain('smtp.mail.example<br>Port: 465<br>Verschlüsselung: SSL/TLS');
});

test('it answers what customers asked, and what support always adds', () => {
  for (const words of ['Outlook', 'WordPress', 'Starten Sie das Gerät neu', 'Speedport', 'Virenscanner', 'sperren']) {
    expect(markdown({})).toContain(words);
  }
  for (const words of ['Outlook', 'WordPress', 'Restart the device', 'Speedport', 'virus scanner', 'block']) {
    expect(markdown({}, 'en')).toContain(words);
  }
});

const EVIL =
  '<img src=x onerror=alert(1)>](javascript:alert(1)) | **b** `c` # ![i](//evil.example)\n<script>x</script>';

function hostile(): Partial<ReportInput> {
  const { devices, verdicts } = sampleInput('/none');
  const claim = {
    says: { de: EVIL, en: EVIL },
    source: { title: EVIL, url: 'javascript:alert(1)', date: '2020-01-01', confidence: 'forum' as const },
    implies: { verdict: 'works-after-update' as const, update: EVIL },
  };
  const menus = [{ path: { de: EVIL, en: EVIL }, source: claim.source }];
  return {
    devices: devices.map((d) => ({
      ...d,
      vendor: EVIL,
      model: EVIL,
      claims: [claim],
      menus,
      words: { implicit: EVIL },
    })),
    verdicts: verdicts.map((v) => ({ ...v, firmware: EVIL, update: EVIL })),
  };
}

test('nothing of a device file becomes markup in the fragment', () => {
  const tags = new Set([...fragment(hostile()).matchAll(/<\/?([a-zA-Z][^\s>]*)([^>]*)>/g)].map(([, tag]) => tag));
  expect(tags).toEqual(
    new Set([
      'a',
      'br',
      'details',
      'div',
      'figure',
      'h2',
      'h3',
      'li',
      'nav',
      'p',
      'strong',
      'summary',
      'table',
      'tbody',
      'td',
      'th',
      'thead',
      'tr',
      'ul',
    ]),
  );
});

test('nothing of a device file becomes markup in Markdown', () => {
  const text = markdown(hostile());
  const unescaped = text
    .replaceAll(/\\[\\`*_{}[\]<>#|~&$!/]/g, '')
    .replaceAll('<br>', '')
    // Our own links to the lookup page.
    .replaceAll(/\[([^\]]*)\]\(<\.\.\/lookup\/index\.html#\/geraet\/[a-z0-9-]+>\)/g, '$1');
  expect(unescaped).not.toMatch(/[<`[\]]/);
  const columns = (line: string) => line.replaceAll(/\\\|/g, '').split('|').length;
  for (const line of text.split('\n').filter((l) => l.startsWith('|'))) expect([4, 6]).toContain(columns(line));
});

test('a text of the provider with an unknown name in braces is refused by name', () => {
  expect(() => fillIn('Nehmen Sie {smpt}.', scheduleOf(MODES, new Date('2025-01-01')), 'de')).toThrow('{smpt}');
});

test('every text of the editorial file can be filled in, also those of groups without a device', () => {
  const texts = (value: unknown): readonly string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' ? Object.values(value ?? {}).flatMap(texts) : [];
  const { lookupPage: _, ...frame } = EDITORIAL;
  const schedule = scheduleOf(MODES, new Date('2025-02-01'));
  expect(texts(frame).length).toBeGreaterThan(80);
  for (const text of texts(frame)) expect(fillIn(text, schedule, 'de')).not.toMatch(/[{}]/);
});

test('every answer still has text on every day', () => {
  for (const day of ['2025-02-01', '2025-02-12', '2025-04-01', '2025-06-01']) {
    const schedule = scheduleOf(MODES, new Date(day));
    for (const language of ['de', 'en'] as const) {
      for (const q of EDITORIAL.questions) expect(fillIn(q.answer[language], schedule, language)).not.toBe('');
      expect(fillIn(EDITORIAL.when[schedule.phase][language], schedule, language)).not.toBe('');
    }
  }
});

test('devices with the same answer share a row, with firmware and menu beside each', () => {
  const { verdicts, devices } = sampleInput('/none');
  const [legacy] = verdicts;
  const menu = { de: 'Netz > Mail', en: 'Net > Mail' };
  const copies = ['Scan 2', 'Scan 10', 'Scan 9'].map((model, i) => ({
    verdict: { ...legacy!, device: `copy-${i}`, firmware: `7.${i}` },
    device: {
      ...devices[0]!,
      id: `copy-${i}`,
      model,
      settings: devices[0]!.settings.map(
        (s): Setting => (i === 0 ? { ...s, menu } : i === 1 ? { ...s, port: 465, security: 'implicit' } : s),
      ),
    },
  }));
  const rows = markdown({
    devices: [...devices, ...copies.map((c) => c.device)],
    verdicts: [...verdicts, ...copies.map((c) => c.verdict)],
  })
    .split('\n')
    .filter((line) => line.includes('Übergangsserver smtp-alt'));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatch(
    /Scan 2 \(Firmware 7\.0\)\*\*<br>Menü am Gerät: Netz.*<br>Port: 587, .*Scan 9 \(Firmware 7\.2\).*Scan 10 .*Scan 300 \(Firmware 1\.0\)\*\*<br>Port: 587, [^|]*<br>Senden \|/,
  );
  expect(rows[0]?.match(/getestet/g)).toHaveLength(1);
});

test('an attempt without a result is no test', () => {
  const row = markdown({})
    .split('\n')
    .find((line) => line.includes('Türstation'));
  expect(row).toContain('Wir haben es versucht, ohne klares Ergebnis (01.02.2025');
  expect(row).not.toMatch(/getestet|bestätigt/);
});

test('a separate mailbox is asked for in the same words everywhere; nobody "gets locked out"', () => {
  const wording = 'Legen Sie für das Gerät ein eigenes Postfach mit eigenem Passwort an.';
  expect(EDITORIAL.transitionServer.de).toContain(wording);
  // The only row in the clear is of a mail program, in which people read the mailbox that they have.
  expect(markdown(on('2025-04-01')).split(wording)).toHaveLength(2);
  expect(markdown(on('2025-04-01'))).toContain(
    'Geben Sie dem Postfach ein Passwort, das Sie sonst nirgends verwenden.',
  );
  expect(EDITORIAL.always.de).toContain(
    'können unsere Server die Internetadresse des ganzen Büros für einige Zeit sperren',
  );
});

const EARLY = MODES.map((m) =>
  m.id === 'legacy' ? { ...m, dates: { ...m.dates, until: '2025-04-10', announcedUntil: '2025-05-30' } } : m,
);

test('a transition that ends early says so before, on the days that had been announced, and no longer after them', () => {
  const at = (day: string, language: 'de' | 'en' = 'de') => markdown({ ...on(day), policies: EARLY }, language);
  expect(at('2025-04-01')).toContain('Das ist früher als angekündigt: Zuerst hatten wir den 30.05.2025 genannt.');
  expect(at('2025-04-01')).toContain('smtp-alt.mail.example');
  expect(at('2025-04-20')).toContain('Sein letzter Tag war der 10.04.2025, angekündigt war der 30.05.2025.');
  expect(at('2025-04-20')).toContain('Tragen Sie in diesem Gerät wieder smtp.mail.example');
  expect(at('2025-04-20', 'en')).toContain('Its last day was 10 April 2025, 30 May 2025 had been announced.');
  expect(at('2025-04-20')).not.toContain('-alt.mail.example');
  expect(at('2025-06-01')).toContain('Den Übergangsserver gab es nur bis 10.04.2025.');
  expect(markdown(on('2025-04-20'))).not.toMatch(/früher als angekündigt|endet früher|angekündigt war/);
});

test('only trials of the change that are still to come are announced', () => {
  const policies = MODES.map((m) =>
    m.id === 'strict' ? { ...m, dates: { ...m.dates, trials: ['2025-02-26', '2025-02-12', '2025-02-19'] } } : m,
  );
  const at = (day: string) => markdown({ ...on(day), policies });
  expect(at('2025-02-01')).toContain('zur Probe ab: am 12.02.2025, 19.02.2025 und 26.02.2025.');
  expect(at('2025-02-15')).toContain('Testabschaltung: am 19.02.2025 und 26.02.2025');
  expect(at('2025-03-06')).not.toContain('Testabschaltung');
});

const SOURCE = { title: 'Handbuch', url: 'https://altwerk.example/h', date: '2025-01-15', confidence: 'forum' };
const catalogued = (id: string, kind: string, verdict: string, more: object = {}) =>
  Device.parse({
    id,
    vendor: 'Altwerk',
    model: id.toUpperCase(),
    kind,
    claims: [{ says: { de: `Über ${id}.`, en: `On ${id}.` }, source: SOURCE, implies: { verdict }, ...more }],
  });

test('what sources say stands by verdict, then by kind, with its source; after the end of the transition with what stopped', () => {
  const devices = [
    catalogued('kam-1', 'camera', 'legacy-only'),
    catalogued('mfp-1', 'mfp', 'legacy-only'),
    catalogued('mfp-2', 'mfp', 'stops-working'),
    catalogued('post', 'mail-program', 'works', { when: { firmware: '>=52' } }),
  ];
  const outline = (day: string) =>
    published({ ...on(day), devices })
      .split('\n')
      .filter((line) => line.startsWith('###') || line.startsWith('- **Altwerk'))
      .map((line) => line.replace(/: Über .*/, ''));
  const kept = ['### Funktioniert weiter', '#### Mailprogramme und Apps (1)', '- **Altwerk POST** (ab Version 52)'];
  expect(outline('2025-04-01')).toEqual([
    '### Nur noch über den Übergangsserver',
    '#### Multifunktionsdrucker (1)',
    '- **Altwerk MFP-1**',
    '#### Netzwerkkameras (1)',
    '- **Altwerk KAM-1**',
    '### Eine andere Lösung ist nötig',
    '#### Multifunktionsdrucker (1)',
    '- **Altwerk MFP-2**',
    ...kept,
  ]);
  expect(outline('2025-06-01')).toEqual([
    '### Eine andere Lösung ist nötig',
    '#### Multifunktionsdrucker (2)',
    '- **Altwerk MFP-1**',
    '- **Altwerk MFP-2**',
    '#### Netzwerkkameras (1)',
    '- **Altwerk KAM-1**',
    ...kept,
  ]);
  expect(published({ devices })).toContain('(Quelle: [Handbuch](<https://altwerk.example/h>), Stand 15.01.2025)');
});

test('a measurement of a real device stands; what sources say of it stands beside, whether it agrees or not', () => {
  const { verdicts } = sampleInput('/none');
  const devices = [
    catalogued('mfp-1', 'mfp', 'works', { when: { firmware: '1.0' } }),
    catalogued('mfp-2', 'mfp', 'legacy-only'),
    catalogued('mfp-3', 'mfp', 'works', { when: { firmware: '>=2' } }),
  ];
  const measured = devices.map((d) => ({ ...verdicts[0]!, device: d.id, emulated: false }));
  const text = published({ devices, verdicts: measured });
  expect(text.split('\n').filter((line) => line.startsWith('### '))).toContain('### Nur noch über den Übergangsserver');
  expect(text).not.toContain('von uns nicht getestet:\n\n#### Multifunktionsdrucker (3)');
  const beside = (id: string) => text.split('\n').find((line) => line.startsWith(`- **Altwerk ${id}`));
  expect(beside('MFP-1')).toMatch(/Unser Test hat etwas anderes ergeben: Es gilt unser Test\.$/);
  expect(beside('MFP-2')).toMatch(/Unser Test hat dasselbe ergeben\.$/);
  expect(beside('MFP-3')).toMatch(/Diese Version haben wir nicht getestet\.$/);
  expect(text).toContain('[Nachweis: Altwerk MFP-1](<../lookup/index.html#/geraet/mfp-1>)');
});

test('menus stand with program, direction and source; what one switch does is said once', () => {
  const menu = { path: { de: 'Konto > Server', en: 'Account > Server' }, source: SOURCE, direction: 'fetch' };
  const post = { ...catalogued('post', 'mail-program', 'works', { when: { firmware: '>=5' } }) };
  const devices = [Device.parse({ ...post, menus: [menu], words: { implicit: 'SSL', starttls: 'SSL' } })];
  expect(published({ devices })).toContain(
    '- **Altwerk POST** (Abrufen): Konto \\> Server. Es gibt nur einen Schalter: „SSL“. (Quelle: [Handbuch]',
  );
});

test('a provider without transition servers is not said to have one', () => {
  const text = markdown({ policies: MODES.filter((m) => m.id !== 'legacy'), verdicts: [] });
  expect(text).not.toMatch(/Übergangsserver|\{/);
});
