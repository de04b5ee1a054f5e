import { lookupSite } from '../../reports/lookup/site/site.ts';
import { sampleInput } from '../../reports/fixtures/sample-input.ts';
import { Device, KINDS } from '../vocabulary/device.ts';

const SYLLABLES =
  'nord süd ost west berg tal see wald feld stein licht blau grün rot gold silber alt neu hoch tief'.split(' ');
const WORDS = ['Laserjet', 'Scan', 'Kamera', 'Router', 'Türstation', 'Fax', 'NAS', 'Melder', 'Zentrale', 'Drucker'];

/**
 * `node lookup-build.ts OUT N`: writes the lookup page over N generated devices into OUT. Prints one line of JSON:
 * `{seconds, peakMegabytes}`, the making of the devices not counted in seconds.
 */
const [out = '', count = '0'] = process.argv.slice(2);
const devices = Array.from({ length: Number(count) }, (_, i) => generated(i));
const begin = performance.now();
await lookupSite.write(sampleInput(out, { devices, verdicts: [], records: [] }), out);
const seconds = (performance.now() - begin) / 1_000;
console.log(JSON.stringify({ seconds, peakMegabytes: process.resourceUsage().maxRSS / 1_024 }));

/** As full as a well described entry of the catalogue: other names, errors, menus, claims for two ranges of versions. */
function generated(i: number): Device {
  const vendor = `${SYLLABLES[i % 20]}${SYLLABLES[(i * 7) % 19]}werk`;
  const model = `${WORDS[i % WORDS.length]} ${1_000 + i}${i % 3 === 0 ? 'N' : ''}`;
  const source = {
    title: `Manual of ${model}`,
    url: `https://vendor${i % 97}.example/manual/${i}`,
    date: '2025-01-10',
    confidence: 'vendor-documented',
  };
  const says = { de: `Das Handbuch zu ${model} nennt es.`, en: `The manual of ${model} says so.` };
  return Device.parse({
    id: `gen-${i}`,
    vendor,
    model,
    kind: KINDS[i % KINDS.length],
    aliases: [`${vendor.slice(0, 3).toUpperCase()}-${1_000 + i}`, `${WORDS[i % WORDS.length]}${1_000 + i}DW`],
    errors: [{ text: `E-${i % 400}`, means: says, causes: ['version-too-old'], source }],
    menus: [{ path: says, source }],
    claims: [
      {
        says,
        source,
        when: { firmware: `<${i % 9}.${i % 20}` },
        implies: { verdict: 'legacy-only', cause: 'version-too-old', encrypted: true },
      },
      { says, source, when: { firmware: `>=${i % 9}.${i % 20}` }, implies: { verdict: 'works' } },
    ],
  });
}
