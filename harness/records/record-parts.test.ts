import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RECORDS } from '../../reports/fixtures/records.ts';
import { Record } from '../vocabulary/record.ts';
import { parseParts } from './record-parts.ts';

const Head = Record.omit({ evidence: true });

/** As a line of a run is cut around its evidence. */
function cut(record: Record): readonly [before: string, behind: string] {
  const { evidence: _, attachments, ...before } = record;
  return [JSON.stringify(before).slice(0, -1), `,"attachments":${JSON.stringify(attachments)}}`];
}

/** What looks like a key to whoever does not read strings. */
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom(',"scenario":"', ',"mode":"', ',"device":{', ',"setting":{"id"', '\\",\\"mode\\":\\"', '}'),
);

test('parts that are parsed once give what the whole gives, whatever stands in their strings', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RECORDS), text, text, text, fc.boolean(), (base, vendor, model, menu, installed) => {
      const record = {
        ...base,
        device: { ...base.device, vendor, model, installed },
        setting: { ...base.setting, menu: { de: menu, en: menu } },
      };
      const [before, behind] = cut(record);
      const { evidence: _, ...head } = record;
      expect(parseParts(before, behind)).toEqual(Head.parse(head));
    }),
  );
});

test('a part that stands twice, or is none, is refused', () => {
  const [record] = RECORDS;
  const [before, behind] = cut(record!);
  expect(() => parseParts(before, behind)).not.toThrow();
  for (const broken of [
    before.replace(',"scenario"', ',"device":{"id":"other"},"scenario"'),
    `${before},"device":{}`,
    before.replace('"installed":true', '"installed":"yes"'),
    before.replace('"asConfigured":true', '"asConfigured":1'),
    before.replace('"endpoint":{', '"endpoint":{"more":1,'),
    before.replace('"device":{', '"device":[{'),
  ]) {
    expect(broken).not.toBe(before);
    expect(() => parseParts(broken, behind), broken).toThrow();
  }
});

test('a device that many records have is one object', () => {
  const [first, ...others] = RECORDS.filter((r) => r.device.id === RECORDS[0]!.device.id);
  const parsed = [first!, ...others].map((r) => parseParts(...cut(r)).device);
  expect(parsed.length).toBeGreaterThan(1);
  expect(new Set(parsed).size).toBe(1);
});
