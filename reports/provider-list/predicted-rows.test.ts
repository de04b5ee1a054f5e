import { describe, expect, test } from 'vitest';
import { readDevices } from '../../harness/device-files.ts';
import { checkProviderList } from './check-provider-list.ts';
import { predictRows, type RecordedPrediction, renderPredictedRows } from './predicted-rows.ts';
import { readProviderList } from './provider-list.ts';
import { RECORDED_CLIENTS } from './recorded-clients.ts';
import { renderProviderListJson } from './render-provider-list.ts';

const LIST = readProviderList();
const works = (name: string): RecordedPrediction => ({ name, protocol: 'smtp', outcome: 'works', version: '1.2' });
const fails = (name: string): RecordedPrediction => ({
  name,
  protocol: 'imap',
  outcome: 'fails',
  cause: 'version-too-old',
});

function rowOf(device: string, predictions: readonly RecordedPrediction[]) {
  return predictRows(LIST, predictions).find(({ row }) => row.device === device);
}

describe('predictions beside the list', () => {
  test('stand in the row that covers the client, or among what the row leaves out', () => {
    const predictions = [works('IE 11 Win 8.1'), fails('IE 8 XP'), works('Safari 9 iOS 9')];
    const windows = rowOf('windows-8', predictions);
    expect(windows?.covered.map(({ name }) => name)).toEqual(['IE 11 Win 8.1']);
    expect(windows?.older.map(({ name }) => name)).toEqual(['IE 8 XP']);
    expect(rowOf('ios-9', predictions)?.covered.map(({ name }) => name)).toEqual(['Safari 9 iOS 9']);
  });

  test('a client of nobody on the list is in no row', () => {
    const rows = predictRows(LIST, [works('Googlebot Feb 2018'), works('Chrome 49 Win 7')]);
    expect(rows.flatMap(({ covered, older }) => [...covered, ...older])).toEqual([]);
  });

  test('are said to be predicted, with how often predictions were right', () => {
    const rows = predictRows(LIST, [works('Android 5.0.0'), fails('Android 4.3')]);
    const text = renderPredictedRows(rows, { agree: 7, of: 9 }, 'en');
    expect(text).toContain('not tested');
    expect(text).toContain('prediction and test agree: 7 of 9.');
    expect(text).toContain('  Android 5.0.0, sending: the handshake succeeds (TLS 1.2)');
    expect(text).toContain('  not on the list: Android 4.3, fetching: the handshake fails (version-too-old)');
    expect(renderPredictedRows(rows, { agree: 7, of: 9 }, 'de')).toContain('nicht getestet');
  });

  test('are counted against the row’s own claim, those of clients that it leaves out are not', () => {
    const open = { name: 'IE 11 Win 10', protocol: 'smtp', outcome: 'cannot-be-predicted' } as const;
    const predictions = [works('IE 11 Win 8.1'), fails('IE 11 Win 8.1'), open, works('IE 8 XP')];
    const rows = predictRows(LIST, predictions);
    expect(rows.find(({ row }) => row.device === 'windows-8')).toMatchObject({ agree: 1, of: 2 });
    expect(rows.find(({ row }) => row.device === 'ios-9')).toMatchObject({ agree: 0, of: 0 });
    const text = renderPredictedRows(rows, { agree: 7, of: 9 }, 'en');
    expect(text).toContain(': 1 of 2 predictions agree with the list\n');
  });

  test('are beside the evidence for programs, with their counts, and change no result', () => {
    const rows = checkProviderList(LIST, [], []);
    const predicted = {
      rows: predictRows(LIST, [works('IE 11 Win 8.1'), fails('IE 8 XP')]),
      measured: { agree: 7, of: 9 },
    };
    const json = JSON.parse(renderProviderListJson(LIST, rows, predicted));
    expect(json.predicted).toEqual({
      basis: 'predicted',
      mode: 'strict',
      agree: 1,
      of: 1,
      measured: { agree: 7, of: 9 },
    });
    const windows = json.rows.find((row: { device: string }) => row.device === 'windows-8');
    expect(windows.predicted).toEqual({
      agree: 1,
      of: 1,
      clients: [
        { name: 'IE 11 Win 8.1', protocol: 'smtp', outcome: 'works', version: '1.2', listed: true },
        { name: 'IE 8 XP', protocol: 'imap', outcome: 'fails', cause: 'version-too-old', listed: false },
      ],
    });
    const without = JSON.parse(renderProviderListJson(LIST, rows, null));
    expect(without.predicted).toBeNull();
    const strip = (row: object) => ({ ...row, predicted: null });
    expect(json.rows.map(strip)).toEqual(without.rows.map(strip));
  });

  test('speak for devices that there are', () => {
    const ids = new Set(readDevices(`${import.meta.dirname}/../../devices`).map(({ id }) => id));
    expect(RECORDED_CLIENTS.flatMap(({ devices }) => devices).filter((id) => !ids.has(id))).toEqual([]);
  });
});
