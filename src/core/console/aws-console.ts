import type { RemotePlace } from '../core.ts';
import type { StsCredentials } from '../sessions/aws-sts.ts';
import type { ConsoleSite } from './console-site.ts';

/** What signing in to the console takes of AWS. Each call throws `Unreachable`, `Timeout` or `ServiceRefused`. */
export interface AwsConsole {
  /** The sign-in that belongs to a region; null where there is none, for an account with an endpoint of its own too. */
  site(region: string, endpointUrl: string | undefined): ConsoleSite | null;
  /** GetFederationToken, with the access key that the place names. */
  federationToken(
    place: RemotePlace,
    input: { name: string; seconds: number; policyArn: string },
  ): Promise<StsCredentials>;
  /** Changes temporary credentials for a sign-in token, which is good for 15 minutes. `seconds` is how long the console session lasts, where that may be said. */
  signinToken(
    site: ConsoleSite,
    credentials: Pick<StsCredentials, 'accessKeyId' | 'secret' | 'token'>,
    seconds: number | undefined,
  ): Promise<string>;
}

/** Browsers of the person's, each console in a place of its own. */
export interface Browsers {
  /** Opens an address in the browser profile (or container) that belongs to `id`. Answers which browser it was, or null where none can be opened. */
  open(
    url: string,
    how: { id: string; browser: string; container: string | undefined },
  ): Promise<{ browser: string } | null>;
  /** Removes the browser profile of `id`; false where there is none. Throws `InUse` while the browser is open. */
  forget(id: string): boolean;
  /** Removes those of profiles that are no more; one that is open stays until the next time. */
  keepOnly(ids: ReadonlySet<string>): void;
}
