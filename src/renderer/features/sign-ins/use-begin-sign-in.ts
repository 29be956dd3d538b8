import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Params } from '../../../contract/methods.ts';
import { call } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { openPage } from './open-page.ts';

/** Begins to sign in. The page that is to be signed in at opens by itself, unless its code has to be looked at first. */
export function useBeginSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (wanted: Params<'signIn.begin'>) => call('signIn.begin', wanted),
    onSuccess: (attempt) => {
      void refresh(queries, 'signIns');
      // SAML has a window of the app’s own: what it catches is no address that could come back here.
      if (attempt.flow === 'browser' && attempt.type !== 'saml') openPage(attempt.url);
    },
  });
}
