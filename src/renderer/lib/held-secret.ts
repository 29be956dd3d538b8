export const HELD_SECONDS = 30;

/** What became of a copied secret: `waiting` until the window has the focus again, without which a page may not write to the clipboard; the others are ends. */
export type HeldState = 'waiting' | 'emptied' | 'still there' | 'replaced';

interface Surroundings {
  write(text: string): Promise<void>;
  /** Both answer how to call it off. */
  after(milliseconds: number, run: () => void): () => void;
  onFocus(run: () => void): () => void;
}

type Hold = (text: string, told: (state: HeldState) => void) => Promise<void>;

/**
 * Copies secrets, and empties the clipboard when the last one’s time is up: there is one clipboard, so a new copy takes the time of the one before. Rejects where
 * the browser refuses to copy; then the one before goes on as it was.
 */
export function createHeldSecret({ write, after, onFocus }: Surroundings): Hold {
  let held: { told: (state: HeldState) => void; callOff: () => void } | null = null;
  return async (text, told) => {
    await write(text);
    held?.callOff();
    held?.told('replaced');
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
  };
}
