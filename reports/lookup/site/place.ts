import type { Known } from '../answers.ts';

/** Where the page is: an entry, with the owner's answers. It stands in the address, so that it can be sent on. */
export interface Place {
  readonly device: string | null;
  readonly known: Known;
}

/** `#/geraet/outlook-2010?os=windows-7`; `os=` is a system that none of the sources speaks of. */
export function parsePlace(hash: string): Place {
  const match = /^#\/geraet\/([a-z0-9.-]+)(?:\?(.*))?$/.exec(hash);
  if (match?.[1] === undefined) return { device: null, known: {} };
  const query = new URLSearchParams(match[2] ?? '');
  const [os, firmware] = [query.get('os'), query.get('firmware')];
  return {
    device: match[1],
    known: { ...(os !== null && { os: os === '' ? null : os }), ...(firmware && { firmware }) },
  };
}

export function renderPlace({ device, known }: Place): string {
  if (device === null) return '#/';
  const { os, firmware } = known;
  const query = new URLSearchParams({
    ...(os !== undefined && { os: os ?? '' }),
    ...(firmware && { firmware }),
  }).toString();
  return `#/geraet/${device}${query === '' ? '' : `?${query}`}`;
}
