const NAME = 'keyhold-page-key';

/** Where the browser keeps nothing for this page, the key lives as long as the page. */
let inMemory: string | null = null;

/**
 * The secret of this tab's session, beside the cookie that every tab and, as cookies go to every port, every server on this host gets. It is kept where
 * only pages of this very origin, port included, can read it, in this tab alone, through reloads.
 */
export function readPageKey(): string | null {
  try {
    return window.sessionStorage.getItem(NAME) ?? inMemory;
  } catch {
    // A browser that is told to keep no data for this address throws instead of answering.
    return inMemory;
  }
}

export function keepPageKey(key: string): void {
  inMemory = key;
  try {
    window.sessionStorage.setItem(NAME, key);
  } catch {
    // Then a reload signs this tab out, and the page says how to sign in again.
  }
}
