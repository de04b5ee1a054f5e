/// <reference lib="dom" />

/** A page that is not in sight draws no frames: it is brought up to date all the same. In ms. */
const OUT_OF_SIGHT_MS = 200;

/** Shows the newest of what comes before the next frame: while forty devices connect, views come faster than a tablet draws. */
export function onNextFrame<T>(show: (newest: T) => void): (next: T) => void {
  let waiting: { readonly newest: T } | null = null;
  const draw = (): void => {
    if (waiting === null) return;
    const { newest } = waiting;
    waiting = null;
    show(newest);
  };
  return (next) => {
    if (waiting === null) {
      requestAnimationFrame(draw);
      setTimeout(draw, OUT_OF_SIGHT_MS);
    }
    waiting = { newest: next };
  };
}
