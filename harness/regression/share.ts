/** Gives one object for all equal ones. */
export type Share = <T extends object>(value: T) => T;

/** Thousands of devices are of few kinds, and have few settings: each is held once. */
export function createShare(): Share {
  const known = new Map<string, object>();
  const shared = new WeakSet<object>();
  return <T extends object>(value: T): T => {
    if (shared.has(value)) return value;
    const text = JSON.stringify(value);
    const same = known.get(text);
    if (same === undefined) {
      known.set(text, value);
      shared.add(value);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of the same text, so of the same type
    return (same ?? value) as T;
  };
}
