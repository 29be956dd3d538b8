import type { CheckReport } from '../../contract/schemas.ts';
import type { Hsm } from '../hsm/protocol.ts';
import { checkVault } from './check.ts';
import { openVault } from './store.ts';

/** Opens a private copy as a single file, loads and checks all of it. `hsm` holds this vault's root key. Throws like `Vault.load` for a copy that cannot even be loaded. */
export async function verifyCopy(path: string, hsm: Hsm): Promise<CheckReport> {
  const copy = openVault(path, { journal: 'delete', anchor: false });
  try {
    await copy.load(hsm);
    return await checkVault(copy, hsm);
  } finally {
    await copy.close();
  }
}
