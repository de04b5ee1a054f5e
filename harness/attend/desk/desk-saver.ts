import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunFolder } from '../../records.ts';
import type { SavedDesk } from './saved-desk.ts';

/** Changes within this long are saved as one. In ms. */
const SAVE_MS = 100;
const FILE = 'attend.json';

/** Keeps attend.json up to date. Closing it saves a last time. */
export interface DeskSaver extends AsyncDisposable {
  changed(): void;
  /** Resolves when everything that has changed by now is on disk. */
  saved(): Promise<void>;
}

/**
 * Saves beside what else is done: a disk takes up to 50 ms to say that it has written (fsync(2), measured), and as long
 * no page and no device would be answered. `render` is asked for what is to be saved, when it is saved.
 */
export function openDeskSaver(folder: Pick<RunFolder, 'path' | 'write'>, render: () => SavedDesk): DeskSaver {
  const target = join(folder.path, FILE);
  // What a process that was killed leaves of it is removed with the other halves when the folder is opened again.
  const half = `${target}.${process.pid}.tmp`;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let saving: Promise<void> | null = null;
  let isBehind = false;
  let isClosed = false;
  let changes = 0;
  let onDisk = 0;

  const save = async (): Promise<void> => {
    isBehind = false;
    const rendered = changes;
    try {
      await writeBeside(half, `${JSON.stringify(render(), null, 2)}\n`);
      await rename(half, target);
    } catch {
      // Says what is wrong, in the words of everything that is written here.
      folder.write(FILE, render());
    }
    onDisk = rendered;
  };
  const start = (): void => {
    timer = null;
    saving = save().finally(() => {
      saving = null;
      if (isBehind && !isClosed) timer ??= setTimeout(start, SAVE_MS);
    });
  };
  folder.write(FILE, render());
  return {
    changed() {
      if (isClosed) return;
      changes += 1;
      if (saving === null) timer ??= setTimeout(start, SAVE_MS);
      else isBehind = true;
    },
    async saved() {
      const wanted = changes;
      for (;;) {
        if (onDisk >= wanted || isClosed) return;
        if (timer !== null) {
          clearTimeout(timer);
          start();
        }
        await saving;
      }
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await saving;
      if (timer !== null) clearTimeout(timer);
      folder.write(FILE, render());
    },
  };
}

async function writeBeside(half: string, text: string): Promise<void> {
  await using file = await open(half, 'w', 0o600);
  await file.writeFile(text);
  // Renaming first would leave an empty file after a power cut.
  await file.sync();
}
