export const HELD_SECONDS = 30;

/** What became of a copied secret: `waiting` until the window has the focus again, without which a page may not write to the clipboard; the others are ends. */
export type HeldState = 'waiting' | 'emptied' | 'still there' | 'replaced';

interface Surroundings {
  write(text: string): Promise<void>;
  /** Both answer how to call it off. */
  after(milliseconds: number, run: () => void): () => void;
  onFocus(run: () => void): () => void;
}

/** Both reject where the browser refuses to copy; then what was copied before goes on as it was. */
export interface PageClipboard {
  /** Copies what is no secret. */
  copy(text: string): Promise<void>;
  /** Copies a secret, and empties the clipboard when its time is up. */
  hold(text: string, told: (state: HeldState) => void): Promise<void>;
}

/** There is one clipboard: whatever is copied ends the time of the secret that was there before. */
export function createClipboard({ write, after, onFocus }: Surroundings): PageClipboard {
  let held: { told: (state: HeldState) => void; callOff: () => void } | null = null;
  const copy = async (text: string) => {
    await write(text);
    held?.callOff();
    held?.told('replaced');
    held = null;
  };
  return {
    copy,
    hold: async (text, told) => {
      await copy(text);
      const mine = { told, callOff: after(HELD_SECONDS * 1000, () => void empty(false)) };
      held = mine;

      async function empty(isLast: boolean): Promise<void> {
        const wasEmptied = await write('').then(
          () => true,
          () => false,
        );
        // Copied over meanwhile: that one has a time of its own.
        if (held !== mine) return;
        if (wasEmptied || isLast) {
          held = null;
          told(wasEmptied ? 'emptied' : 'still there');
          return;
        }
        mine.callOff = onFocus(() => void empty(true));
        told('waiting');
      }
    },
  };
}
