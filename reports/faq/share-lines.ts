import type { Cell } from './document.ts';

/** Lines that begin with a name and go on in the same words become one, with all their names. Order is kept. */
export function shareLines(lines: readonly Cell[]): readonly Cell[] {
  const same = Map.groupBy(lines, ([, ...rest]) => JSON.stringify(rest));
  return [...same.values()].flatMap((group): readonly Cell[] => {
    const [first] = group;
    if (first === undefined) return [];
    const names = [
      ...new Set(group.flatMap(([name]) => (typeof name === 'object' && 'strong' in name ? [name.strong] : []))),
    ];
    return [[{ strong: names.join(', ') }, ...first.slice(1)]];
  });
}
