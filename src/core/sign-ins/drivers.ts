import type { SignInType } from '../../contract/sign-ins.ts';
import type { SignInDriver } from './driver.ts';
import { oidcDriver } from './oidc/oidc-driver.ts';
import { samlDriver } from './saml/saml-driver.ts';
import { ssoDriver } from './sso/sso-driver.ts';

/** What is signed in to, by type. */
export const DRIVERS: Readonly<Record<SignInType, SignInDriver>> = {
  sso: ssoDriver,
  saml: samlDriver,
  oidc: oidcDriver,
};
