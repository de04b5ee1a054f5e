import { expect, test } from 'vitest';
import { DEVICES } from '../fixtures/devices.ts';
import { MODES } from '../fixtures/run.ts';
import { VERDICTS } from '../fixtures/verdicts.ts';
import { composeAnswer } from './answers.ts';
import type { DevicePrediction } from './predictions.ts';
import { renderAnswer } from './render-answer.ts';

const TESTSSL = { kind: 'testssl', on: '2022-09-28' } as const;
const PREDICTIONS: readonly DevicePrediction[] = [
  {
    directions: ['send', 'fetch'],
    recordings: [
      { ...TESTSSL, name: 'Alt 1' },
      { ...TESTSSL, name: 'Alt 2' },
    ],
    modes: [
      { mode: 'today', outcome: 'fails', cause: 'no-shared-cipher' },
      { mode: 'strict', outcome: 'fails', cause: 'version-too-old' },
      { mode: 'legacy', outcome: 'cannot-be-predicted' },
    ],
  },
  {
    directions: ['send'],
    recordings: [{ kind: 'run', on: '2026-11-02', firmware: '2.4', port: 587, security: 'starttls' }],
    modes: [{ mode: 'strict', outcome: 'works' }],
  },
];

function told(language: 'de' | 'en', asOf = '2025-04-01', predictions = PREDICTIONS): string {
  const [device] = DEVICES.filter(({ id }) => id === 'mw-scan-300');
  const answer = composeAnswer(device!, VERDICTS, MODES);
  return renderAnswer(answer, { language, asOf: new Date(asOf), modes: MODES, predictions });
}

/** The block's lines, without the indent. */
function block(text: string, title: string): readonly string[] {
  const lines = text.split('\n');
  const from = lines.indexOf(title);
  const end = lines.findIndex((line, i) => i > from && line === '');
  return lines.slice(from + 1, end === -1 ? undefined : end).map((line) => line.trim());
}

test('the block says what would happen in each policy, why, and where the recording comes from', () => {
  const lines = block(told('de'), 'Aus einer Aufzeichnung berechnet, nicht getestet:');
  expect(lines[0]).toBe('- Alt 1; Alt 2 (Senden und Abrufen)');
  expect(lines[1]).toBe(
    'bisher: Verbindung kommt nicht zustande; nach der Umstellung: Verbindung kommt nicht zustande; Übergangsserver: lässt sich nicht berechnen',
  );
  expect(lines[2]).toMatch(/^Grund \(bisher\): Das Gerät beherrscht kein Verschlüsselungsverfahren/);
  expect(lines[3]).toMatch(/^Grund \(nach der Umstellung\): Das Gerät verschlüsselt nur mit veralteten TLS-Versionen/);
  expect(lines.slice(4)).toEqual([
    '- Firmware 2.4, STARTTLS 587 (Senden)',
    'nach der Umstellung: Verbindung kommt zustande',
    'Berechnet ist nur, ob eine verschlüsselte Verbindung zustande kommt. Zertifikat, Anmeldung und die E-Mail selbst lassen sich so nicht prüfen.',
    'Herkunft der Aufzeichnung: Liste von testssl.sh, Stand 28.09.2022.',
    'Herkunft der Aufzeichnung: unser Testlauf vom 02.11.2026.',
  ]);
});

test('in English, too', () => {
  const lines = block(told('en'), 'Predicted from a recorded hello, not tested:');
  expect(lines[0]).toBe('- Alt 1; Alt 2 (Sending and fetching)');
  expect(lines[1]).toBe(
    'until now: no connection is made; after the change: no connection is made; transition server: cannot be predicted',
  );
  expect(lines.at(-1)).toBe('Origin of the recording: our test run of 2 November 2026.');
});

test('after its last day nothing is said of the transition server', () => {
  const [first] = PREDICTIONS;
  const modes = [{ mode: 'legacy', outcome: 'fails', cause: 'no-shared-group' }] as const;
  const lines = block(
    told('de', '2025-06-01', [{ ...first!, modes }]),
    'Aus einer Aufzeichnung berechnet, nicht getestet:',
  );
  expect(lines[1]).toBe('Übergangsserver: beendet');
  expect(lines.join('\n')).not.toContain('Grund');
});

test('all the rest stays word by word as it is without predictions', () => {
  const without = told('de', '2025-04-01', []);
  expect(without).not.toMatch(/Aufzeichnung|berechnet/);
  const lines = told('de').split('\n');
  const from = lines.indexOf('Aus einer Aufzeichnung berechnet, nicht getestet:');
  const left = lines.toSpliced(from - 1, 1 + block(told('de'), lines[from] ?? '').length + 1);
  expect(left.join('\n')).toBe(without);
});

test('a measured answer tells how far predictions are the same, with the denominator, and stays what it is', () => {
  const [device] = DEVICES.filter(({ id }) => id === 'mw-scan-300');
  const render = (verdicts: typeof VERDICTS, language: 'de' | 'en') =>
    renderAnswer(composeAnswer(device!, verdicts, MODES), { language, asOf: new Date('2025-04-01'), modes: MODES });
  const compared = VERDICTS.map((v) => ({ ...v, predictions: { agree: 12, of: 12, notPredicted: 3 } }));
  const german = '  Aus der Aufzeichnung berechnet, zum Vergleich: 12 von 12 wie getestet, 3 nicht zu berechnen';
  const lines = render(compared, 'de').split('\n');
  expect(lines).toContain(german);
  expect(lines.filter((line) => line !== german).join('\n')).toBe(render(VERDICTS, 'de'));
  expect(render(compared, 'en')).toContain(
    'Predicted from its hello, for comparison: 12 of 12 as measured, 3 cannot be predicted',
  );
});
