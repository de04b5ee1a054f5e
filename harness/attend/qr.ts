import QRCode from 'qrcode';

export interface QrCode {
  /** Lines for a terminal, two modules a character: black on white by escape sequences, whatever its colours are. */
  readonly terminal: string;
  /** One SVG element, black on white, without a size of its own. */
  readonly svg: string;
}

/** An address as a QR code: what a tablet's camera opens. */
export async function renderQr(url: string): Promise<QrCode> {
  const { modules } = QRCode.create(url, { errorCorrectionLevel: 'M' });
  const isDark = (row: number, column: number) =>
    Math.min(row, column) >= 0 && Math.max(row, column) < modules.size && modules.get(row, column) !== 0;
  return {
    terminal: renderLines(modules.size, isDark),
    svg: (await QRCode.toString(url, { type: 'svg', margin: QUIET, errorCorrectionLevel: 'M' })).trim(),
  };
}

/** Modules around a code that stay light; with fewer, cameras do not find it (ISO/IEC 18004 section 5.3.8). */
const QUIET = 4;

/** The package's own drawing has one module around it, of which the last line is grey on some terminals. */
function renderLines(size: number, isDark: (row: number, column: number) => boolean): string {
  const range = (from: number, to: number, step: number) =>
    Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);
  const lines = range(-QUIET, size + QUIET, 2).map((row) => {
    const cells = range(-QUIET, size + QUIET, 1).map((column) => {
      const [upper, lower] = [isDark(row, column), isDark(row + 1, column)];
      if (upper) return lower ? '█' : '▀';
      return lower ? '▄' : ' ';
    });
    return `\u001B[30;107m${cells.join('')}\u001B[0m`;
  });
  return lines.join('\n');
}
