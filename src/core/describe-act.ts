import { z } from 'zod';

const Touch = z.object({ withinSeconds: z.int(), keys: z.union([z.literal('any'), z.array(z.string())]) });

/** A quorum token’s act as it is signed (src/core/hsm/users/acts.ts). */
const SignedAct = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['destroy', 'export']), target: z.string(), count: z.int() }),
  z.object({ do: z.literal('add-user'), name: z.string(), role: z.string() }),
  z.object({ do: z.literal('remove-user'), name: z.string() }),
  z.object({ do: z.literal('set-quorum'), service: z.string(), required: z.int() }),
  z.object({ do: z.literal('set-key-use'), needsLogin: z.boolean() }),
  z.object({ do: z.literal('set-approval-touch'), service: z.enum(['key', 'user']), touch: Touch.nullable() }),
  z.object({ do: z.literal('make-recovery-code') }),
]);

/** What each service is about, as it follows “approve”. */
const APPROVED = { key: 'the destruction and export of keys', user: 'changes of users' } as const;

/** In words, for lists and the log; `nameOf` tells what security keys are called. */
export function describeAct(
  act: string,
  nameOf: (key: string) => string = (key) => `security key ${key.slice(0, 8)}`,
): string {
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
    case 'set-approval-touch': {
      const { service, touch } = data;
      if (touch === null) return `let officers approve ${APPROVED[service]} without a touch`;
      const whose = touch.keys === 'any' ? 'any security key' : touch.keys.map(nameOf).join(' or ');
      const when = touch.withinSeconds === 0 ? 'each time' : `once in ${touch.withinSeconds} s`;
      return `let officers approve ${APPROVED[service]} only with a touch of ${whose}, ${when}`;
    }
    case 'make-recovery-code':
      return 'make a recovery code of the vault';
  }
}
