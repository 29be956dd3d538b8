import type { KmsKeySummary } from '../../../../contract/kms.ts';
import type { Profile } from '../../../../contract/schemas.ts';
import { shellQuote } from '../../../lib/shell-quote.ts';
import type { Place } from '../kms.ts';

export interface FileCommand {
  direction: 'encrypt' | 'decrypt';
  fileName: string;
  /** None when decrypting: the file says which. */
  keys: readonly Pick<KmsKeySummary, 'aliases' | 'keyId' | 'arn'>[];
  context: Readonly<Record<string, string>>;
  profiles: readonly Profile[];
  place: Place;
}

/** `keyhold encrypt …` and `keyhold decrypt …` for a file: a key by its alias where the profile's Region is the key's own, else by its ARN. */
export function fileCommand({ direction, fileName, keys, context, profiles, place }: FileCommand): string {
  const own = profiles.filter((profile) => profile.account === place.account);
  const here = own.filter((profile) => profile.region === place.region);
  const profile = here.find((one) => one.name === place.account) ?? here[0] ?? own[0];
  const local = profile?.region === place.region;
  return [
    `keyhold ${direction}`,
    // A name that begins with a dash would be read as an option.
    shellQuote(fileName.startsWith('-') ? `./${fileName}` : fileName),
    ...keys.map((key) => `--key ${shellQuote(local ? (key.aliases[0] ?? key.keyId) : key.arn)}`),
    ...Object.entries(context).map(([name, value]) => `--context ${shellQuote(`${name}=${value}`)}`),
    ...(profile === undefined ? [] : ['--profile', shellQuote(profile.name)]),
  ].join(' ');
}
