import type { HsmRole } from '../../../../contract/hsm-users.ts';

export const ROLE_WORDS: Readonly<Record<HsmRole, string>> = {
  'crypto-officer': 'crypto officer',
  'crypto-user': 'crypto user',
};
