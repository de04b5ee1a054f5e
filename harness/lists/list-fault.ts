import { HarnessFault } from '../faults.ts';

/** A file that cannot be read as a spreadsheet at all. */
export function unreadableList(path: string, why: string, advice: string, cause?: unknown): HarnessFault {
  return new HarnessFault('list-unreadable', `${path}: cannot be read as a list: ${why}`, {
    stage: 'configuration',
    advice,
    cause,
  });
}

/** More lines than these nobody reads. */
const SHOWN = 50;

/** A spreadsheet that says something wrong; a line for each problem. */
export function invalidList(problems: readonly string[]): HarnessFault {
  const more = problems.length - SHOWN;
  const lines = more > 0 ? [...problems.slice(0, SHOWN), `… and ${more} more`] : problems;
  return new HarnessFault('list-invalid', lines.join('\n'), {
    stage: 'configuration',
    advice:
      'Columns are: vendor, model, id, place, inventory, kind, firmware, direction, protocol, port, security, host. Others are kept and not read.',
  });
}
