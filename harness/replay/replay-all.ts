/**
 * Runs `work` over all items, `parallel` at a time, and yields results as they come, in no order. Items are taken only
 * as results are: whatever their number, few are in memory. A fault of `work` ends all.
 */
export async function* inParallel<T, R>(
  items: Iterable<T>,
  parallel: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const source = items[Symbol.iterator]();
  const running = new Map<number, Promise<{ readonly key: number; readonly result: R }>>();
  let next = 0;
  const start = () => {
    const { done, value } = source.next();
    if (done === true) return;
    const key = next++;
    running.set(
      key,
      work(value).then((result) => ({ key, result })),
    );
  };
  for (let i = 0; i < parallel; i += 1) start();
  while (running.size > 0) {
    // oxlint-disable-next-line no-await-in-loop -- the next is started when one has ended
    const { key, result } = await Promise.race(running.values());
    running.delete(key);
    start();
    yield result;
  }
}
