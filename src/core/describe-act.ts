import { z } from 'zod';

/** A quorum token’s act as it is signed (src/core/hsm/users/acts.ts). */
const SignedAct = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['destroy', 'export']), target: z.string(), count: z.int() }),
  z.object({ do: z.literal('add-user'), name: z.string(), role: z.string() }),
  z.object({ do: z.literal('remove-user'), name: z.string() }),
  z.object({ do: z.literal('set-quorum'), service: z.string(), required: z.int() }),
  z.object({ do: z.literal('set-key-use'), needsLogin: z.boolean() }),
  z.object({ do: z.literal('make-recovery-code') }),
]);

/** In words, for lists and the log. */
export function describeAct(act: string): string {
  const parsed = SignedAct.safeParse(JSON.parse(act));
  if (!parsed.success) return act;
  const { data } = parsed;
  switch (data.do) {
    case 'destroy':
    case 'export':
      return `${data.do === 'destroy' ? 'destroy' : 'export'} ${data.target} (${data.count} ${data.count === 1 ? 'object' : 'objects'})`;
    case 'add-user':
      return `add the ${data.role === 'crypto-officer' ? 'crypto officer' : 'crypto user'} ${data.name}`;
    case 'remove-user':
      return `remove the user ${data.name}`;
    case 'set-quorum':
      return `set the quorum for ${data.service === 'key' ? 'keys' : 'users'} to ${data.required}`;
    case 'set-key-use':
      return data.needsLogin ? 'bind the use of keys to a login' : 'let keys be used without a login';
    case 'make-recovery-code':
      return 'make a recovery code of the vault';
  }
}
