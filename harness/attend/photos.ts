import type { Bilingual } from '../vocabulary/trial.ts';
import { stripJpeg } from './photos/jpeg.ts';
import { stripPng } from './photos/png.ts';
import type { Picture } from './photos/picture.ts';
import { stripWebp } from './photos/webp.ts';

export type StrippedPhoto =
  | {
      readonly kind: 'stripped';
      readonly bytes: Buffer;
      readonly type: PhotoType;
      readonly width: number;
      readonly height: number;
    }
  /** `why` tells the person what to do; it holds nothing of the file. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly why: Bilingual };

type PhotoType = 'image/jpeg' | 'image/png' | 'image/webp';
type RefusalReason = 'too-large' | 'too-many-pixels' | 'heic' | 'unknown-format' | 'broken';

/** In bytes: cameras of phones write 2 to 8 MB; the page makes less of it. */
export const PHOTO_LIMIT_BYTES = 10_000_000;
/** 50 megapixels are the most that phones write unasked. Decoded, this many take 256 MB in the reader's browser. */
const PIXEL_LIMIT = 64_000_000;

/**
 * A photo of a device's panel without anything but the picture: only the parts that a decoder needs are copied, so
 * EXIF with the place, XMP, IPTC, colour profiles, comments, thumbnails, a second picture and whatever follows the end
 * are gone. The pixels are not touched, nor turned: pages turn a photo upright before they send it.
 *
 * Untrusted input: any bytes give an answer, in time linear to their number. The picture is not decoded.
 */
export function stripPhoto(bytes: Uint8Array): StrippedPhoto {
  if (bytes.length > PHOTO_LIMIT_BYTES) return refuse('too-large');
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const format = FORMATS.find(({ isOne }) => isOne(file));
  if (format === undefined) return refuse(isHeic(file) ? 'heic' : 'unknown-format');
  const picture = format.strip(file);
  if (picture === null || picture.width === 0 || picture.height === 0) return refuse('broken');
  if (picture.width * picture.height > PIXEL_LIMIT) return refuse('too-many-pixels');
  const { width, height } = picture;
  return { kind: 'stripped', bytes: picture.bytes, type: format.type, width, height };
}

interface Format {
  readonly type: PhotoType;
  readonly isOne: (file: Buffer) => boolean;
  /** null: not a whole picture. */
  readonly strip: (file: Buffer) => Picture | null;
}

const FORMATS: readonly Format[] = [
  {
    type: 'image/jpeg',
    isOne: (file) => file.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
    strip: stripJpeg,
  },
  { type: 'image/png', isOne: (file) => file.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n', strip: stripPng },
  {
    type: 'image/webp',
    isOne: (file) => file.toString('latin1', 0, 4) === 'RIFF' && file.toString('latin1', 8, 12) === 'WEBP',
    strip: stripWebp,
  },
];

/** Brands of ISO/IEC 23008-12 (HEIF) and AVIF, in the `ftyp` box that such files begin with. */
const HEIF_BRANDS = /^(?:hei[cxms]|hev[cxms]|mif[12]|msf1|avi[fs])$/;

function isHeic(file: Buffer): boolean {
  return file.toString('latin1', 4, 8) === 'ftyp' && HEIF_BRANDS.test(file.toString('latin1', 8, 12));
}

function refuse(reason: RefusalReason): StrippedPhoto {
  return { kind: 'refused', reason, why: WHY[reason] };
}

const WHY: { readonly [R in RefusalReason]: Bilingual } = {
  'too-large': {
    de: 'Das Foto ist größer als 10 MB. Bitte nehmen Sie es mit geringerer Auflösung auf, oder tippen Sie den Text der Anzeige ab.',
    en: 'The photo is larger than 10 MB. Please take it with a lower resolution, or type what the panel shows.',
  },
  'too-many-pixels': {
    de: 'Das Foto hat mehr als 64 Megapixel. Bitte nehmen Sie es mit geringerer Auflösung auf, oder tippen Sie den Text der Anzeige ab.',
    en: 'The photo has more than 64 megapixels. Please take it with a lower resolution, or type what the panel shows.',
  },
  heic: {
    de: 'Fotos im Format HEIC oder AVIF werden nicht angenommen. Bitte nehmen Sie das Foto als JPEG auf (iPhone: Einstellungen → Kamera → Formate → Maximale Kompatibilität), oder machen Sie ein Bildschirmfoto davon.',
    en: 'Photos in the format HEIC or AVIF are not accepted. Please take the photo as JPEG (iPhone: Settings → Camera → Formats → Most Compatible), or take a screenshot of it.',
  },
  'unknown-format': {
    de: 'Das ist kein Foto im Format JPEG, PNG oder WebP. Bitte fotografieren Sie die Anzeige mit der Kamera, oder tippen Sie den Text ab.',
    en: 'This is no photo in the format JPEG, PNG or WebP. Please take a picture of the panel with the camera, or type what it shows.',
  },
  broken: {
    de: 'Das Foto ist unvollständig oder beschädigt, oder es ist eine Animation. Bitte nehmen Sie es noch einmal auf.',
    en: 'The photo is incomplete or damaged, or it is an animation. Please take it again.',
  },
};

/** Also of one that was cut off on its way because of its size. */
export const PHOTO_TOO_LARGE = WHY['too-large'];
