import { useMutation, useQueryClient } from '@tanstack/react-query';
import { wipe } from '../../../client/import/credential-values.ts';
import type { SignIn, SignInSettings } from '../../../contract/sign-ins.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';

interface SavedSignIn {
  name: string;
  settings: SignInSettings;
  /** Of an OpenID Connect client; wiped here. */
  clientSecret: Uint8Array | null;
}

/** Adds a sign-in, or changes one. */
export function useSaveSignIn(before: SignIn | undefined) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, settings, clientSecret: bytes }: SavedSignIn) => {
      const rename = before === undefined || before.name === name ? {} : { rename: name };
      try {
        return await (before === undefined
          ? callSealed('signIn.add', async (seal) => ({
              ...{ name, settings },
              ...(bytes === null ? {} : { clientSecret: await seal('oidc-client-secret', bytes) }),
            }))
          : callSealed('signIn.update', async (seal) => ({
              ...{ name: before.name, ...rename, settings },
              ...(bytes === null ? {} : { clientSecret: await seal('oidc-client-secret', bytes) }),
            })));
      } finally {
        wipe(bytes ?? undefined);
      }
    },
    onSuccess: () => refresh(queries, 'signIns', 'profiles', 'sessions'),
  });
}
