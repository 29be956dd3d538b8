import { KeyholdError } from '../../contract/errors.ts';
import type { SignInAttempt, SignInFlow, SignInSettings, SignInType } from '../../contract/sign-ins.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { OidcProviders } from './oidc/oidc-providers.ts';
import type { ReadSamlResponse } from './saml/saml-assertion.ts';
import type { AwsSso } from './sso/aws-sso.ts';

/** A page of this computer that a browser comes back to, once. */
export interface Redirect {
  /** `http://127.0.0.1:49152/oauth/callback` */
  uri: string;
  /** The query of the first request that `state` fits. Rejects when it is closed. */
  arrived: Promise<URLSearchParams>;
  close(): void;
}

/** What signing in needs of the daemon around the core. */
export interface SignInPorts {
  sso: AwsSso;
  oidc: OidcProviders;
  readSamlResponse: ReadSamlResponse;
  /** Listens on a free port of the loopback address, for one path, until it is closed. */
  openRedirect(input: { path: string; state: string }): Promise<Redirect>;
}

export interface SignInParts {
  ports: Ports;
  session: Session;
  outside: SignInPorts;
}

/** What somebody who has signed in has brought. Bytes are wiped once they are kept. */
export interface Login {
  access: Uint8Array;
  refresh?: Uint8Array;
  /** ms since epoch, of `access`. */
  expiresAt: number;
  who?: string;
  /** The other side's own name of that person, where a renewal has to be of the same one. */
  subject?: string;
  /** Where it is a new one: what this vault is to the token service. */
  registration?: Registration;
}

export interface Registration {
  flow: SignInFlow;
  clientId: string;
  secret: Uint8Array;
  /** ms since epoch */
  expiresAt: number;
}

export interface Begun {
  attempt: Pick<SignInAttempt, 'flow' | 'url' | 'userCode' | 'verificationUrl'> & {
    /** ms since epoch */ expiresAt: number;
  };
  /** Ends with the signal at the latest; null where there is nothing to keep. */
  done: Promise<Login | null>;
  /** Takes what a browser cannot bring here by itself. Throws `InvalidInput`, and the attempt goes on. The bytes are its own to wipe. */
  deliver?(response: Uint8Array): Promise<void>;
}

/** How one type of sign-in works. */
export interface SignInDriver {
  /** What is begun is given up by `signal`. Throws what the other side refuses. */
  begin(parts: SignInParts, signIn: Found<'signIn'>, flow: SignInFlow, signal: AbortSignal): Promise<Begun>;
  /** Tells the other side; what is kept here is removed afterwards, whatever comes of it. */
  logout(parts: SignInParts, signIn: Found<'signIn'>): Promise<void>;
}

/** The settings of a sign-in that has to be of this type. */
export function settingsOf<T extends SignInType>(
  { value: { name, settings } }: Found<'signIn'>,
  type: T,
): Extract<SignInSettings, { type: T }> {
  if (isOfType(settings, type)) return settings;
  throw new KeyholdError('InvalidInput', `The sign-in ${name} is of the type ${settings.type}, not ${type}.`);
}

function isOfType<T extends SignInType>(
  settings: SignInSettings,
  type: T,
): settings is Extract<SignInSettings, { type: T }> {
  return settings.type === type;
}
