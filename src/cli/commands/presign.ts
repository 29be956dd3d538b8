import { type Define, expiresOption, withExamples } from '../command.ts';
import { parseDuration } from '../duration.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

const METHODS = ['GET', 'PUT', 'HEAD', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

export const define: Define = (command, cli) => {
  withExamples(command, [
    'keyhold presign prod s3://bucket/report.pdf',
    'keyhold presign prod s3://bucket/upload.bin --method PUT --expires 15m',
  ])
    .argument('<profile>', 'the profile that signs')
    .argument('<object>', 's3://bucket/key')
    .addOption(expiresOption('how long the link works, at most 7d').default('1h'))
    .option('-X, --method <method>', 'GET, PUT, HEAD or DELETE', parseMethod, 'GET')
    .option('--region <region>', 'the bucket’s region (default: the profile’s)')
    .action(async (profile: string, object: string, options: { expires: string; method: Method; region?: string }) => {
      const { bucket, key } = parseS3Uri(object);
      const wanted = {
        profile,
        method: options.method,
        bucket,
        key,
        expiresInSeconds: parseDuration(options.expires),
        ...(options.region === undefined ? {} : { region: options.region }),
      };
      const signed = await withPrompts(cli, ['gate'], () => cli.call('sign.presign', wanted));
      cli.print({ url: signed.url, expiration: signed.expiresAt }, () => `${signed.url}\n`);
    });
};

function parseMethod(text: string): Method {
  const found = METHODS.find((method) => method === text.toUpperCase());
  if (found === undefined) throw usageError(`A link can be for ${METHODS.join(', ')}, not "${text}".`);
  return found;
}

/** `s3://bucket/key`; the key is taken as it stands, with `//`, `:` and spaces. Throws `InvalidInput`. */
export function parseS3Uri(uri: string): { bucket: string; key: string } {
  const match = /^s3:\/\/([^/]+)\/(.+)$/su.exec(uri);
  if (match?.[1] === undefined || match[2] === undefined) {
    throw usageError(`"${uri}" names no object. Write it as s3://bucket/key.`);
  }
  return { bucket: match[1], key: match[2] };
}
