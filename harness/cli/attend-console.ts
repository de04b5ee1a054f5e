import type { AttendedRun } from '../attend/desk/attended-run.ts';

/** Tells on the terminal where the page is and what to enter. */
export async function showAttended(
  attended: AttendedRun,
  _options: { readonly console: boolean },
): Promise<Disposable> {
  const { page, door } = attended;
  if (page !== null) {
    const { url, terminal } = await page.invite();
    console.log(terminal);
    console.log(url);
  }
  console.log(`devices dial ${door.address}`);
  return { [Symbol.dispose]: () => {} };
}
