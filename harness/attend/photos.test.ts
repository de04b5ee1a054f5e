import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { array, assert, constantFrom, nat, property, tuple, uint8Array } from 'fast-check';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BROWSER_TEST_MS, CHROMIUM, NO_CHROMIUM } from '../../reports/fixtures/browser.ts';
import { SAMPLES } from './photos/samples.ts';
import { PHOTO_LIMIT_BYTES, stripPhoto } from './photos.ts';

/** Stands for whatever must not leave the device: a place, a name, a serial number. */
const SECRET = 'GEHEIM-48.137-11.575';
const secret = Buffer.from(SECRET);

type Sample = keyof typeof SAMPLES;
const clean = (sample: Sample): Buffer => Buffer.from(SAMPLES[sample], 'base64');

/** A photo as a phone writes it: the sample, with the secret in every place that the format has for it. */
function withMetadata(sample: Sample): Buffer {
  const file = clean(sample);
  if (sample === 'png') return pngWithMetadata(file);
  return sample === 'jpeg' || sample === 'progressive' ? jpegWithMetadata(file) : webpWithMetadata(file);
}

function jpegSegment(code: number, ...body: Buffer[]): Buffer {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(Buffer.concat(body).length + 2, 2);
  return Buffer.concat([head, ...body]);
}

/** Big-endian TIFF with one directory: "Artist", so that other programs see it. */
function exif(): Buffer {
  const text = Buffer.concat([secret, Buffer.from([0])]);
  const directory = Buffer.alloc(18);
  directory.writeUInt16BE(1, 0);
  directory.writeUInt16BE(0x013b, 2);
  directory.writeUInt16BE(2, 4);
  directory.writeUInt32BE(text.length, 6);
  directory.writeUInt32BE(26, 10);
  return Buffer.concat([Buffer.from('MM\0*\0\0\0\b', 'latin1'), directory, text]);
}

function jpegWithMetadata(file: Buffer): Buffer {
  const jfif = file.subarray(2, 20);
  const end = file.length - 2;
  return Buffer.concat([
    file.subarray(0, 2),
    jfif,
    jpegSegment(0xe0, Buffer.from('JFXX\0\x10', 'latin1'), secret),
    jpegSegment(0xe1, Buffer.from('Exif\0\0', 'latin1'), exif()),
    jpegSegment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1'), secret),
    jpegSegment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), secret),
    jpegSegment(0xed, Buffer.from('Photoshop 3.0\0', 'latin1'), secret),
    jpegSegment(0xee, Buffer.from('Other\0', 'latin1'), secret),
    jpegSegment(0xfe, secret),
    file.subarray(20, end),
    jpegSegment(0xfe, secret),
    // A fill byte before the end is allowed.
    Buffer.from([0xff]),
    file.subarray(end),
    // A second, larger picture, as phones append it.
    file,
    secret,
  ]);
}

function pngChunk(type: string, body: Buffer): Buffer {
  const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), body, Buffer.alloc(4)]);
  chunk.writeUInt32BE(body.length, 0);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}

function pngWithMetadata(file: Buffer): Buffer {
  const packed = deflateSync(secret);
  return Buffer.concat([
    file.subarray(0, 33),
    pngChunk('tEXt', Buffer.concat([Buffer.from('Author\0', 'latin1'), secret])),
    pngChunk('zTXt', Buffer.concat([Buffer.from('Comment\0\0', 'latin1'), packed])),
    pngChunk('iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), secret])),
    pngChunk('eXIf', exif()),
    pngChunk('iCCP', Buffer.concat([secret, Buffer.from([0, 0]), packed])),
    pngChunk('prVt', secret),
    file.subarray(33, -12),
    pngChunk('tEXt', Buffer.concat([Buffer.from('Late\0', 'latin1'), secret])),
    file.subarray(-12),
    secret,
  ]);
}

function webpChunk(type: string, body: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

function webpWithMetadata(file: Buffer): Buffer {
  const hasHeader = file.toString('latin1', 12, 16) === 'VP8X';
  const flags = 0x2c | (hasHeader ? 0x10 : 0);
  const header = webpChunk('VP8X', Buffer.from([flags, 0, 0, 0, 23, 0, 0, 15, 0, 0]));
  const parts = [
    Buffer.from('WEBP', 'latin1'),
    header,
    webpChunk('ICCP', secret),
    file.subarray(hasHeader ? 30 : 12),
    webpChunk('EXIF', exif()),
    webpChunk('XMP ', secret),
    webpChunk('ABCD', secret),
  ];
  return Buffer.concat([webpChunk('RIFF', Buffer.concat(parts)), secret]);
}

const ALL = Object.keys(SAMPLES).filter((name): name is Sample => name in SAMPLES);

describe('what is left of a photo', () => {
  test.for(ALL)('%s: the picture alone', (sample) => {
    const file = withMetadata(sample);
    expect(file.includes(secret)).toBe(true);
    const stripped = stripPhoto(file);
    expect(stripped).toMatchObject({ kind: 'stripped', width: 24, height: 16 });
    if (stripped.kind !== 'stripped') return;
    expect(stripped.bytes.equals(clean(sample))).toBe(true);
    expect(stripPhoto(stripped.bytes)).toEqual(stripped);
  });

  const hasExiftool = spawnSync('exiftool', ['-ver']).status === 0;
  describe.skipIf(!hasExiftool)(`exiftool (${hasExiftool ? 'is here' : 'skipped: it is not installed'})`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'cutover-photos-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    /** Tags by group, but for those of the file system and those computed from others. */
    const tagsOf = (bytes: Buffer): string => {
      const path = join(folder, 'photo');
      writeFileSync(path, bytes);
      const hidden = ['ExifTool:all', 'System:all', 'Composite:all'].map((group) => `--${group}`);
      return execFileSync('exiftool', ['-a', '-u', '-G1', '-s', ...hidden, path], { encoding: 'utf8' });
    };
    const NEEDED =
      /^\[(?:File|JFIF|PNG|RIFF)\] +(?:FileType|FileTypeExtension|MIMEType|JFIFVersion|ResolutionUnit|[XY]Resolution|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample|ColorComponents|YCbCrSubSampling|BitDepth|ColorType|Compression|Filter|Interlace|VP8Version|HorizontalScale|VerticalScale|AlphaIsUsed|WebP_Flags|Alpha[A-Za-z]*) +:/;

    test.for(ALL)('%s: finds the secret before, and nothing but the form of the picture after', (sample) => {
      const file = withMetadata(sample);
      expect(tagsOf(file)).toContain(SECRET);
      const stripped = stripPhoto(file);
      if (stripped.kind !== 'stripped') throw new Error(stripped.reason);
      const tags = tagsOf(stripped.bytes).trim().split('\n');
      expect(tags.length).toBeGreaterThan(3);
      expect(tags.filter((line) => !NEEDED.test(line))).toEqual([]);
    });
  });

  describe.skipIf(CHROMIUM === null)(`shown (${CHROMIUM === null ? NO_CHROMIUM : 'Chromium'})`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox', '--disable-gpu'] });
    }, BROWSER_TEST_MS);
    afterAll(() => browser.close());

    test.for(ALL)('%s: the same pixels', { timeout: BROWSER_TEST_MS }, async (sample) => {
      const stripped = stripPhoto(withMetadata(sample));
      if (stripped.kind !== 'stripped') throw new Error(stripped.reason);
      const page = await browser.newPage();
      const pixelsOf = (bytes: Buffer) =>
        page.evaluate(drawn, `data:${stripped.type};base64,${bytes.toString('base64')}`);
      const shown = await pixelsOf(stripped.bytes);
      expect(shown).toHaveLength(24 * 16 * 4);
      expect(new Set(shown).size).toBeGreaterThan(5);
      expect(shown).toEqual(await pixelsOf(withMetadata(sample)));
      await page.close();
    });
  });
});

/** Runs in the page: RGBA values. */
async function drawn(address: string): Promise<number[]> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d')!;
  context.drawImage(image, 0, 0);
  return [...context.getImageData(0, 0, image.width, image.height).data];
}

describe('refused, with what to do', () => {
  const isoFile = (brand: string) =>
    Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from(`ftyp${brand}`), Buffer.alloc(40)]);
  test.for([
    ['a photo of an iPhone', isoFile('heic'), 'heic', 'Most Compatible'],
    ['AVIF', isoFile('avif'), 'heic', 'JPEG'],
    ['a film', isoFile('isom'), 'unknown-format', 'camera'],
    ['nothing', Buffer.alloc(0), 'unknown-format', 'camera'],
    ['a page', Buffer.from('<svg onload="alert(1)">'), 'unknown-format', 'camera'],
    ['a GIF', Buffer.from('GIF89a\x01\0\x01\0'), 'unknown-format', 'camera'],
    ['more than 10 MB', Buffer.alloc(PHOTO_LIMIT_BYTES + 1), 'too-large', 'lower resolution'],
    ['a JPEG that breaks off', withMetadata('jpeg').subarray(0, 400), 'broken', 'again'],
    ['a PNG that breaks off', clean('png').subarray(0, -20), 'broken', 'again'],
    ['a WebP that breaks off', clean('lossy').subarray(0, -3), 'broken', 'again'],
    ['a JPEG of 65,535 pixels each way', resized('jpeg'), 'too-many-pixels', 'lower resolution'],
    ['a PNG of four thousand million pixels', resized('png'), 'too-many-pixels', 'lower resolution'],
    ['a WebP of 16,383 pixels each way', resized('lossy'), 'too-many-pixels', 'lower resolution'],
    ['a damaged PNG', flipped(clean('png'), 60), 'broken', 'again'],
    ['a table that carries more than a table', smuggling(), 'broken', 'again'],
  ] as const)('%s: %s', ([, bytes, reason, advice]) => {
    const refused = stripPhoto(bytes);
    expect(refused).toMatchObject({ kind: 'refused', reason, why: { en: expect.stringContaining(advice) } });
    expect(refused.kind === 'refused' && refused.why.de).toMatch(/Bitte/);
  });

  function flipped(bytes: Buffer, at: number): Buffer {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  }

  function resized(sample: 'jpeg' | 'png' | 'lossy'): Buffer {
    const file = clean(sample);
    if (sample === 'png') {
      const header = Buffer.from(file.subarray(16, 29));
      header.writeUInt32BE(65_536, 0);
      header.writeUInt32BE(65_536, 4);
      return Buffer.concat([file.subarray(0, 8), pngChunk('IHDR', header), file.subarray(33)]);
    }
    if (sample === 'jpeg')
      file.fill(0xff, file.indexOf(Buffer.from([0xff, 0xc0])) + 5, file.indexOf(Buffer.from([0xff, 0xc0])) + 9);
    else file.writeUInt32LE(0x3fff3fff, 26);
    return file;
  }

  function smuggling(): Buffer {
    const file = clean('jpeg');
    return Buffer.concat([file.subarray(0, 20), jpegSegment(0xdb, Buffer.alloc(65, 1), secret), file.subarray(20)]);
  }
});

describe('any bytes', () => {
  test('of a photo changed anywhere give an answer, and what is left is a photo', () => {
    const changed = tuple(
      constantFrom(...ALL),
      array(tuple(nat(5_000), nat(255)), { minLength: 1, maxLength: 8 }),
      nat(5_000),
    ).map(([sample, changes, cut]) => {
      const file = Buffer.from(withMetadata(sample));
      for (const [at, value] of changes) file[at % file.length] = value;
      return cut % 3 === 0 ? file.subarray(0, cut % file.length) : file;
    });
    let stripped = 0;
    assert(
      property(changed, (file) => {
        const answer = stripPhoto(file);
        if (answer.kind === 'refused') return;
        stripped += 1;
        expect(answer.bytes.length).toBeLessThanOrEqual(file.length + 64);
        expect(stripPhoto(answer.bytes)).toMatchObject({ kind: 'stripped' });
      }),
      { numRuns: 2_000 },
    );
    expect(stripped).toBeGreaterThan(50);
  });

  test('that are none give a refusal', () => {
    assert(
      property(
        uint8Array({ maxLength: 400 }),
        constantFrom('', '\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'RIFF\x20\0\0\0WEBPVP8 '),
        (bytes, head) => {
          const { kind } = stripPhoto(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
          expect(kind).toBe('refused');
        },
      ),
      { numRuns: 500 },
    );
  });
});
