import { expect, test } from 'vitest';
import { VERDICTS } from '../../reports/fixtures/verdicts.ts';
import { parseCsv } from '../lists/csv-table.ts';
import { createMatcher } from '../lists/match-device.ts';
import { parseList } from '../lists/read-list.ts';
import { Device } from '../vocabulary/device.ts';
import { answerRow } from './list-answer.ts';

const claim = {
  says: { de: 'Kann es.', en: 'Does it.' },
  source: { title: 'Manual', url: 'https://x.example', date: '2025-01-01', confidence: 'vendor-documented' },
  implies: { directions: ['send'], verdict: 'stops-working', cause: 'plaintext-only' },
};
const series = Device.parse({ id: 'acme', vendor: 'Acme', model: 'Office', kind: 'mfp', claims: [claim] });
const imported = Device.parse({ id: 'acme-office-9', vendor: 'Acme', model: 'Office 9', kind: 'mfp' });
const [row] = parseList(parseCsv('Maker,Model\nAcme,Office 9\n', 'l.csv', 'utf-8'), 'l.csv').rows;

/** What is known of the row, with some devices and with what an attended run measured under an id of its own. */
function answer(known: readonly Device[], measured?: string) {
  const verdicts = VERDICTS.slice(0, 1).map((v) => ({ ...v, device: measured ?? 'other' }));
  const attended = Device.parse({ ...imported, id: measured ?? 'other' });
  return answerRow(row!, {
    matcher: createMatcher(known),
    devices: new Map([...known, attended].map((d) => [d.id, d])),
    verdicts: new Map([[measured ?? 'other', verdicts]]),
    policies: [],
    attended: new Map([[row!.number, measured ?? 'none']]),
  });
}

test('a model that nobody has is spoken of by the claims about its series', () => {
  expect(answer([series])).toMatchObject({ isOfSeries: true, standing: 'claimed', answer: { device: { id: 'acme' } } });
});

test('so is one whose file an import made: it says nothing itself', () => {
  expect(answer([series, imported])).toMatchObject({ isOfSeries: true, answer: { device: { id: 'acme' } } });
});

test('what people have measured at this very row stands before both', () => {
  const own = { isOfSeries: false, standing: 'measured', answer: { device: { id: 'acme-office-9-hall' } } };
  expect(answer([series], 'acme-office-9-hall')).toMatchObject(own);
  expect(answer([series, imported], 'acme-office-9-hall')).toMatchObject(own);
});

test('nothing is known of a model without a series', () => {
  expect(answer([])).toMatchObject({ answer: null, standing: 'nothing' });
});
