export type How = 'none' | 'password' | 'alone';

interface Card {
  id: How;
  title: string;
  text: string;
}

const WITH_PASSWORD: Card = {
  id: 'password',
  title: 'With your password',
  text: 'Both are needed here. A way in by password alone still opens the vault until you remove it.',
};
const ALONE: Card = {
  id: 'alone',
  title: 'With the key alone',
  text: 'The key and its PIN, without a password. Quick, and as safe as the key.',
};
const TOUCH_ALONE: Card = {
  id: 'alone',
  title: 'With the key alone',
  text: 'Whoever has the key and this computer opens the vault: nothing asks who it is.',
};
const NOT: Card = {
  id: 'none',
  title: 'Do not unlock with it',
  text: 'It is for approvals alone. You can let it open the vault later.',
};

/** How a key may open the vault. `verified`: the key asks its person for a PIN or a fingerprint. */
export function howCards({ verified, optional }: { verified: boolean; optional: boolean }): Card[] {
  return [WITH_PASSWORD, verified ? ALONE : TOUCH_ALONE, ...(optional ? [NOT] : [])];
}

export function howOf(id: string): How {
  return id === 'password' || id === 'alone' ? id : 'none';
}
