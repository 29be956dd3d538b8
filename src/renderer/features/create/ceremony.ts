import { createStore } from '../../lib/store.ts';

/** True from the making of a vault until its recovery code was confirmed, although the vault is already unlocked. */
export const ceremonyStore = createStore(false);
