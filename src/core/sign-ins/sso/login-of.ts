import type { Login, Registration } from '../driver.ts';
import type { SsoTokens } from './aws-sso.ts';

/** What CreateToken answered, as it is kept. `asked` (ms) is when it was asked: a token lives no longer than that for us. */
export function loginOf(tokens: SsoTokens, asked: number, made?: Registration): Login {
  const { accessToken, refreshToken, expiresInSeconds } = tokens;
  return {
    access: accessToken,
    expiresAt: asked + expiresInSeconds * 1000,
    ...(refreshToken === undefined ? {} : { refresh: refreshToken }),
    ...(made === undefined ? {} : { registration: made }),
  };
}
