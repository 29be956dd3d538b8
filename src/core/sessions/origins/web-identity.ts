import { isAbsolute } from 'node:path';
import { KeyholdError } from '../../../contract/errors.ts';
import { settingsOf } from '../../sign-ins/driver.ts';
import type { AwsSts } from '../aws-sts.ts';
import { assertFederatedRole } from './federated-role.ts';
import type { HeldOrigin } from './held-origin.ts';
import type { KeptWebIdentityOrigin } from './kept-origin.ts';
import { readTokenFile } from './read-token-file.ts';

/** A role that is assumed with a token of an OpenID Connect provider (AssumeRoleWithWebIdentity). */
export function webIdentityOrigin(kept: KeptWebIdentityOrigin): HeldOrigin {
  const { tokenFile, signIn } = kept;
  return {
    sessionKind: 'web-identity',
    takesRole: true,
    isRole: true,
    view: (things) => ({
      kind: 'webIdentity',
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(signIn === undefined ? {} : { signIn: things.must('signIn', signIn).name }),
    }),
    assert(things, profile) {
      assertFederatedRole(profile, 'the token', ['externalId', 'tags', 'transitiveTagKeys', 'sourceIdentity']);
      if (signIn !== undefined) settingsOf({ id: signIn, value: things.must('signIn', signIn) }, 'oidc');
      if (tokenFile === undefined || isAbsolute(tokenFile)) return;
      throw new KeyholdError('InvalidInput', `origin.tokenFile: give the whole path; ${tokenFile} is a part of one.`);
    },
    refersTo: signIn === undefined ? [] : [signIn],
    parts: (things) => (signIn === undefined ? [] : [things.must('signIn', signIn).signedInAt]),
    // The next one who signs in may be somebody else.
    settings: (things) =>
      signIn === undefined ? [tokenFile] : [signIn, things.must('signIn', signIn).signedInAt ?? null],
    async obtain({ session, sts }, { value: profile }, { seconds, sessionName }) {
      const { role, region, account } = profile;
      if (role === undefined || seconds === undefined) throw new TypeError('a web identity is of a role, for a time');
      const { endpointUrl } = session.things.must('account', account);
      const ask = (token: Uint8Array): ReturnType<AwsSts['assumeRoleWithWebIdentity']> =>
        sts.assumeRoleWithWebIdentity({ region, endpointUrl }, { role, sessionName, token, seconds });
      if (signIn !== undefined) return session.signIns.idTokens.with(signIn, ask);
      const token = await readTokenFile(tokenFile ?? '');
      try {
        return await ask(token);
      } finally {
        token.fill(0);
      }
    },
  };
}
