import type { SignInDriver } from '../driver.ts';
import { beginDevice } from './begin-device.ts';
import { beginInBrowser } from './begin-in-browser.ts';

/** AWS IAM Identity Center. */
export const ssoDriver: SignInDriver = {
  begin(parts, signIn, flow, signal) {
    return flow === 'device' ? beginDevice(parts, signIn, signal) : beginInBrowser(parts, signIn, signal);
  },
  async logout({ session }, signIn) {
    await session.signIns.tokens.withLast(signIn, (sso, place, token) => sso.logout(place, token));
  },
};
